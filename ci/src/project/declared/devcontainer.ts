import { type JsonRecord, parseJsonc, recordOf } from "../../formats/json.js"
import { WORKDIR } from "../../run/stage.js"
import { folderOf } from "../manifest.js"
import { pathFrom } from "../paths.js"
import type { Compose, Env, FoundService, LanguageVersions } from "./found.js"
import { type LanguageName, languageVersion } from "./languages.js"
import { mapValues, pairs, scalar } from "./values.js"

/** @see https://containers.dev/implementors/spec/#devcontainerjson */
export const DEVCONTAINER = /(?:^|\/)(?:\.devcontainer\/(?:[^/]+\/)?devcontainer|\.devcontainer)\.json$/

/** A development container that the team describes. */
export interface Devcontainer {
  readonly file: string
  /** Its compose files in the repository, the first one below the others. */
  readonly composeFiles: readonly string[]
  /** The compose service that people work in. */
  readonly service: string | null
  /** The services that it starts; null for all. */
  readonly starts: readonly string[] | null
  /** The ports that it forwards to localhost: a number, or `db:5432`. */
  readonly forwards: readonly string[]
  readonly env: Env
  readonly versions: LanguageVersions
}

/** Reads a devcontainer.json; null for what is no JSON with comments. */
export function readDevcontainer(file: string, text: string): Devcontainer | null {
  const value = parseJsonc(text)
  if (value === null) return null
  const settings = recordOf(value)
  return {
    file,
    composeFiles: listOf(settings.dockerComposeFile).flatMap((path) => pathFrom(folderOf(file), path) ?? []),
    service: scalar(settings.service),
    starts: Array.isArray(settings.runServices) ? listOf(settings.runServices) : null,
    forwards: listOf(settings.forwardPorts),
    env: settled({ ...pairs(settings.containerEnv), ...pairs(settings.remoteEnv) }),
    versions: { node: versionsOf("node", settings), python: versionsOf("python", settings) },
  }
}

const listOf = (value: unknown): readonly string[] =>
  (Array.isArray(value) ? value : [value]).flatMap((each) => scalar(each) ?? [])

/** `${localEnv:NAME}`, `${localEnv:NAME:default}`, `${containerWorkspaceFolder}`. */
const VARIABLE = /\$\{([A-Za-z]+)(?::\w+(?::([^}]*))?)?\}/g

/** Replaces the variables of a devcontainer.json; a value that only a machine knows is left out. */
const settled = (env: Env): Env =>
  mapValues(env, (text) => {
    const value = text.replace(VARIABLE, (whole, kind: string, otherwise?: string) =>
      kind === "containerWorkspaceFolder" ? WORKDIR : (otherwise ?? whole),
    )
    return value.includes("${") ? null : value
  })

/** Of a feature that installs the language, else of the image. */
function versionsOf(language: LanguageName, { features, image }: JsonRecord): readonly string[] {
  const feature = Object.entries(recordOf(features)).find(([name]) =>
    new RegExp(`/${language}(?=[:@]|$)`).test(name),
  )
  const named = scalar(recordOf(feature?.[1]).version)
  return named !== null && named !== "none" ? [named] : languageVersion(language, scalar(image) ?? "")
}

/** Returns the services of a development container, as they are beside the one that people work in. */
export function besides({ service, starts, forwards }: Devcontainer, compose: Compose): Compose {
  const started = (host: string) => starts === null || starts.includes(host) || starts.length === 0
  const services = compose.services
    .filter(
      ({ host, profiles }) => host !== service && started(host) && (!profiles || starts?.includes(host)),
    )
    .map((one): FoundService => {
      const forwarded = one.ports.filter((port) =>
        forwards.some((each) => each === String(port) || each === `${one.host}:${port}`),
      )
      return {
        ...one,
        published: { ...Object.fromEntries(forwarded.map((port) => [port, port])), ...one.published },
      }
    })
  return { ...compose, services }
}

/** Returns the variables that programs have in a development container. */
export function variablesIn({ service, env }: Devcontainer, compose: Compose | null): Env {
  if (service === null || compose === null) return env
  const own = compose.programs[service] ?? compose.services.find(({ host }) => host === service)?.env
  return { ...own, ...env }
}
