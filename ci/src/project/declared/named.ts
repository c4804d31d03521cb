import type { Config } from "../../config/config.js"
import { bareService, type FoundService, READY_SECONDS, type Technology, type Wanted } from "./found.js"
import { POSTGRESQL, technologyOf } from "./technologies.js"

type Settings = Config["services"][string]
/** A service of one stage has no variables: its commands are in slipway.yaml too. */
type OwnSettings = Omit<Settings, "variables" | "unit"> & Partial<Pick<Settings, "variables" | "unit">>

/** Returns the services that slipway.yaml names for tests and the running app. */
export const configured = ({ services }: Pick<Config, "services">): readonly FoundService[] => named(services)

/** Returns services that slipway.yaml describes, by host name. */
export const named = (services: Readonly<Record<string, OwnSettings>>): readonly Wanted[] =>
  Object.entries(services).map(([host, settings]) => ({ ...settled(host, settings), required: true }))

function settled(host: string, settings: OwnSettings): FoundService {
  const { image, port, env, variables = {}, unit = false, command, ready, init } = settings
  const bare = bareService(host, image, technologyOf(image), "slipway.yaml")
  return {
    ...bare,
    ports: [port],
    published: { [port]: port },
    env,
    variables: Object.keys(variables).length > 0 ? variables : null,
    unit,
    command,
    ready: {
      command: ready.command,
      log: ready.log,
      seconds: ready.timeout ?? READY_SECONDS,
      decided: ready.command !== null || ready.log !== null,
    },
    init,
  }
}

/** Returns what is started for technologies that only packages ask for. `postgres` of slipway.yaml describes PostgreSQL. */
export const unasked = (
  config: Pick<Config, "postgres">,
  technologies: readonly Technology[],
): readonly FoundService[] =>
  technologies.flatMap((technology) => {
    if (technology.unasked === null) return []
    const { host, image, env, command } = technology.unasked
    const bare = bareService(host, image, technology, `its packages`)
    const service = { ...bare, env, command, published: { [technology.port]: technology.port } }
    return [technology === POSTGRESQL ? asPostgres(config, service) : service]
  })

/** Returns PostgreSQL as the section `postgres` of slipway.yaml has it; what the section leaves out stays. */
function asPostgres({ postgres }: Pick<Config, "postgres">, service: FoundService): FoundService {
  const { version, database, user } = postgres
  return {
    ...service,
    image: version === null ? service.image : `postgres:${version}-alpine`,
    env: {
      ...service.env,
      ...(database === null ? {} : { POSTGRES_DB: database }),
      ...(user === null ? {} : { POSTGRES_USER: user }),
    },
  }
}
