import type { Directory, File, Secret, Service } from "@dagger.io/dagger"
import type { Config, ConfigReader } from "../config/config.js"
import type { FindLinks } from "../project/project.js"
import type { RunContext } from "./context.js"

/** Every secret that a caller can pass, by its name as an argument of the module. */
export const SECRETS = [
  "snykToken",
  "sonarToken",
  "signingKey",
  "signingPassword",
  "registryPassword",
  "awsAccessKeyId",
  "awsSecretAccessKey",
  "awsSessionToken",
  "awsWebIdentityToken",
  "planKey",
  "notifications",
  "approvalToken",
  "resultsLogin",
  "deploymentToken",
] as const

/** A secret's name in {@link Secrets}. */
export type SecretName = (typeof SECRETS)[number]

/** Secrets that the caller passed, by name. */
export type Secrets = { readonly [Name in SecretName]?: Secret | undefined }

/** What the caller of a function passed. */
export interface Request {
  /** The repository. */
  readonly source: Directory
  /** Its symbolic links. */
  readonly links: FindLinks
  /** Its `.git` folder as `.git` in a folder; empty without a history. */
  readonly history: Directory
  /** Reads its slipway.yaml. */
  readonly reader: ConfigReader<Config>
  readonly context: RunContext
  /** Run again what failed when nothing changed since. */
  readonly rerun: boolean
  /** Shards of tests: `4`, `2/4`, or "" for what slipway.yaml says. */
  readonly shards: string
  /** The result.json of the base, or null. */
  readonly base: File | null
  readonly secrets: Secrets
  /** Secrets for the project's own commands, by the environment variables that hold them. */
  readonly variables: Readonly<Record<string, Secret>>
  /** What answers instead of AWS, or null. */
  readonly aws: Service | null
  /** The folder of the store of results; null if the caller passed none. */
  readonly results: Directory | null
}

/** The address of what answers instead of AWS, to whatever it is bound to. */
export const INSTEAD_OF_AWS = "http://aws:4566"
