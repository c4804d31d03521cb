import type { Directory, File, Secret, Service } from "@dagger.io/dagger"
import type { SecretName, Secrets } from "./run/stage.js"

/** The address of what answers instead of AWS, to whatever it is bound to. */
export const INSTEAD_OF_AWS = "http://aws:4566"

/**
 * What the caller handed over, as fields that every object of the module has. The SDK brings back what lies in an
 * object's own fields and in lists of them, and not what lies in an object inside of it; hence this shape.
 */
export interface Call {
  /** The project, and its history. */
  folders: Directory[]
  /** The result.json of the base, or none. */
  files: File[]
  secrets: Secret[]
  /** What answers instead of AWS, or none. */
  services: Service[]
  /** All that is text, as JSON: {@link Settings}. */
  settings: string
}

interface Settings {
  readonly rerun: boolean
  readonly run: string
  readonly shards: string
  /** The names of {@link Call.secrets}, in their order. */
  readonly secrets: readonly SecretName[]
}

/** What the caller handed over, for the code that works with it. */
export interface Request {
  readonly source: Directory
  readonly history: Directory
  /** Run again what failed when nothing changed since. */
  readonly rerun: boolean
  /** The run context as JSON, or "". */
  readonly run: string
  /** Shards of tests: `4`, `2/4`, or "" for what slipway.yaml says. */
  readonly shards: string
  /** The result.json of the base, or null. */
  readonly base: File | null
  readonly secrets: Secrets
  /** What answers instead of AWS, or null. */
  readonly aws: Service | null
}

/** A request in the shape that objects keep. */
export function toCall({ source, history, base, secrets, aws, ...rest }: Request): Call {
  const given = Object.entries(secrets).flatMap(([name, secret]) =>
    isSecretName(name) && secret ? [[name, secret] as const] : [],
  )
  const settings: Settings = { ...rest, secrets: given.map(([name]) => name) }
  return {
    folders: [source, history],
    files: base === null ? [] : [base],
    secrets: given.map(([, secret]) => secret),
    services: aws === null ? [] : [aws],
    settings: JSON.stringify(settings),
  }
}

/** The request of a {@link Call}. */
export function toRequest({ folders: [source, history], files, secrets, services, settings }: Call): Request {
  if (!source || !history) throw new Error("this object was not made by Slipway's constructor")
  const { secrets: names, ...rest }: Settings = JSON.parse(settings)
  return {
    ...rest,
    source,
    history,
    base: files[0] ?? null,
    aws: services[0] ?? null,
    secrets: Object.fromEntries(names.map((name, i) => [name, secrets[i]])),
  }
}

/** Copies what the caller handed over to another object. */
export const handOver = <T extends Call>({ folders, files, secrets, services, settings }: Call, to: T): T =>
  Object.assign(to, { folders, files, secrets, services, settings })

/** The same with another word on the shards of tests. */
export const withShards = <T extends Call>(call: T, shards: string): T =>
  Object.assign(call, { settings: JSON.stringify({ ...JSON.parse(call.settings), shards }) })

const SECRET_NAMES: readonly SecretName[] = [
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
]

const isSecretName = (name: string): name is SecretName => SECRET_NAMES.some((known) => known === name)
