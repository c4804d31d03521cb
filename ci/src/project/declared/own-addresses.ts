import { prefixOf } from "../paths.js"
import type { Project, Workspace } from "../project.js"
import { type Env, type FoundService, variablesOf } from "./found.js"

/** Env files that the setup of tests loads: `.env.test`, `configs/.env.testing`. */
const OF_TESTS = /(?:^|\/)\.env\.(?:test|testing)(?:\.local)?$/

/** The names of this machine, by which programs reach what it publishes. */
const HERE = ["localhost", "127.0.0.1"]

/**
 * Gives services the variables that an env file of tests in the repository has, where it means the same service by its published port:
 * what is set already outranks such a file, and tests may insist on what it says.
 */
export function withOwnAddresses<T extends FoundService>(
  { declared }: Pick<Project, "declared">,
  { path }: Pick<Workspace, "path">,
  services: readonly T[],
): readonly T[] {
  const files = Object.entries(declared.env).flatMap(([file, env]) =>
    OF_TESTS.test(file) && file.startsWith(prefixOf(path)) ? [env] : [],
  )
  return services.map((service) => {
    const told = service.variables === null ? files.map((env) => addressIn(env, service)) : []
    const own = told.find((one) => one !== null) ?? null
    return own === null ? service : { ...service, variables: { ...variablesOf(service), ...own } }
  })
}

/** Returns what an env file says of a service; null where it says nothing of it, or not the same. */
function addressIn(env: Env, { technology, published, env: settings }: FoundService): Env | null {
  if (technology === null) return null
  const places = Object.keys(published).flatMap((port) => HERE.map((host) => ({ host, port: Number(port) })))
  const found = places.map((place) => {
    const usual = Object.entries(technology.variables(place, settings)).filter(([name]) => name in env)
    const isSame = usual.every(([name, value]) => withoutOptions(env[name] ?? "") === withoutOptions(value))
    return isSame ? Object.fromEntries(usual.map(([name]) => [name, env[name] ?? ""])) : {}
  })
  return found.find((one) => Object.keys(one).length > 0) ?? null
}

/** `postgres://…?schema=public` → `postgresql://…` */
const withoutOptions = (value: string): string =>
  value.replace(/^postgres:/, "postgresql:").replace(/(?<=:\/\/.*)\?.*$/, "")
