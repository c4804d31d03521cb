import type { Config } from "../config/config.js"
import { didYouMean } from "../config/suggest.js"
import { migrationScript } from "../project/declared/migration-scripts.js"
import { POSTGRESQL } from "../project/declared/technologies.js"
import { folderOf } from "../project/manifest.js"
import { ownerOf } from "../project/packages.js"
import type { Dockerfile, Project, Workspace } from "../project/project.js"
import { scriptCommand } from "../project/workplace.js"
import { Fault } from "../run/fault.js"

/** One program of the running app. */
export interface AppService {
  /** The host name that the others and the proxy know it by. */
  readonly name: string
  /** The Dockerfile whose image it runs, or null for one that runs {@link image}. */
  readonly dockerfile: Dockerfile | null
  /** The package that it is of, or null. */
  readonly workspace: Workspace | null
  readonly image: string | null
  /** Null for the port that its image exposes. */
  readonly port: number | null
  readonly env: Readonly<Record<string, string>>
  /** The command that brings its database to its schema, or null. */
  readonly migrate: string | null
  /** True where it gets a PostgreSQL of its own. */
  readonly database: boolean
  /** The path that answers once it is up; null where nobody said. */
  readonly health: string | null
}

/** The app as it runs behind its load balancer. */
export interface App {
  readonly services: readonly AppService[]
  /** Path prefix → service; the longest that fits counts, as nginx does it. */
  readonly routes: Readonly<Record<string, string>>
  /** Headers that the load balancer adds to requests. */
  readonly headers: Readonly<Record<string, string>>
}

/** An app, or why none can be run. */
export type Described = { readonly app: App } | { readonly reason: string }

/** Packages that only what runs in a browser uses. */
const BROWSER_PACKAGES = ["react-dom", "preact", "vue", "svelte", "solid-js", "@angular/core", "vite", "lit"]

type Settings = Config["app"]["services"][string]

const UNSAID: Settings = { workspace: null, image: null, port: null, env: {}, migrate: null, health: null }

/**
 * What the running app consists of: what slipway.yaml says, and otherwise the images of the Dockerfiles.
 *
 * @throws {Fault} `configuration` for a service or a route that leads nowhere.
 */
export function describe(project: Project): Described {
  const { app } = project.config
  const { dockerfiles } = project
  const named = Object.entries(app.services)
  const services =
    named.length > 0
      ? named.map(([name, settings]) => serviceOf(project, name, settings))
      : onePerProgram(dockerfiles.filter(({ service }) => !service)).map((one) =>
          serviceOf(project, one.name, UNSAID),
        )
  if (services.length === 0)
    return { reason: "there is no Dockerfile to build, and slipway.yaml names no app.services" }
  const routes = Object.keys(app.routes).length > 0 ? checked(app.routes, services) : guessed(services)
  return routes
    ? { app: { services, routes, headers: app.headers } }
    : {
        reason: `which of ${services.map(({ name }) => name).join(", ")} answers which path is not clear: say so under app.routes in slipway.yaml`,
      }
}

/** Of several Dockerfiles of one package, the first: the others are variants. */
const onePerProgram = (dockerfiles: readonly Dockerfile[]): readonly Dockerfile[] =>
  dockerfiles.filter(
    ({ workspace }, index) =>
      workspace === null || dockerfiles.findIndex((other) => other.workspace === workspace) === index,
  )

function serviceOf(project: Project, name: string, settings: Settings): AppService {
  const dockerfile =
    settings.image !== null
      ? null
      : project.dockerfiles.find((one) =>
          settings.workspace === null
            ? one.name === name
            : (one.workspace?.path ?? folderOf(one.file)) === settings.workspace,
        )
  if (dockerfile === undefined)
    throw new Fault("configuration", {
      what: `app.services.${name} names no image, and there is no workspace ${settings.workspace ?? name} with a Dockerfile`,
      where: "slipway.yaml",
      fix: "give it `workspace` or `image`",
    })
  const workspace = dockerfile?.workspace ?? null
  const script = workspace && migrationScript(workspace.scripts, "app")
  const migrate =
    settings.migrate ??
    (workspace && script ? scriptCommand(ownerOf(project, workspace), workspace, script) : "")
  const uses = workspace?.dependencies.some((dependency) => POSTGRESQL.clients.includes(dependency)) ?? false
  const { image, port, env, health } = settings
  return {
    name,
    dockerfile,
    workspace,
    image,
    port,
    env,
    health,
    migrate: migrate || null,
    database: migrate !== "" || uses,
  }
}

function checked(routes: Config["app"]["routes"], services: readonly AppService[]): App["routes"] {
  const names = services.map(({ name }) => name)
  for (const [path, name] of Object.entries(routes)) {
    if (names.includes(name)) continue
    throw new Fault("configuration", {
      what: `app.routes sends ${path} to ${name}, which is no service of the app${didYouMean(name, names)}`,
      where: "slipway.yaml",
      fix: `name one of ${names.join(", ")}`,
    })
  }
  return routes
}

const isFrontend = ({ workspace }: AppService) =>
  workspace?.dependencies.some((dependency) => BROWSER_PACKAGES.includes(dependency)) ?? false

/** The routes that most apps have; null where it takes a guess to tell who answers what. */
function guessed(services: readonly AppService[]): App["routes"] | null {
  const [first] = services
  if (services.length === 1 && first) return { "/": first.name }
  const [frontends, backends] = [services.filter(isFrontend), services.filter((one) => !isFrontend(one))]
  const [[frontend], [backend]] = [frontends, backends]
  if (services.length !== 2 || !frontend || !backend) return null
  return { "/api/": backend.name, "/": frontend.name }
}
