import { type Container, dag, type File, type Service } from "@dagger.io/dagger"
import { imageStage } from "../image/image.js"
import { servicesOfApp } from "../project/declared/choose.js"
import type { Dockerfile } from "../project/project.js"
import { type Backing, backing, bind, refuseLacking } from "../project/services.js"
import { type CommandStep, quote } from "../run/command.js"
import { Undescribed } from "../run/fault.js"
import { type Image, NODE, parseImage } from "../run/images.js"
import { fromCommand } from "../run/outcome.js"
import { type Given, type Ran, type StageResult, withEnvironment } from "../run/stage.js"
import type { App, AppService } from "./describe.js"
import { ENDED, KEEPER, LOGS, NOT_MIGRATED, type Wait } from "./keeper.js"
import { describeOnce, servicePort } from "./ports.js"
import { PROXY_PORT, proxyConfiguration } from "./proxy.js"
import { isDescribed, lackingWord } from "./word.js"

/** Browsers for end-to-end tests and accessibility. */
export const BROWSERS: Image = { name: "mcr.microsoft.com/playwright", tag: "v1.57.0-noble" }
/** Joins the services of the app under one address. */
export const PROXY: Image = { name: "nginxinc/nginx-unprivileged", tag: "1.27-alpine" }
/** The host name of the app, to whoever looks at it. */
const HOST = "app"

/** What the stages bring along: scripts, and a Node.js to run them on any image. */
export const TOOLS = "/slipway-app"
/** The Node.js that Slipway puts beside the app: the app's image may have none. */
export const OWN_NODE = `${TOOLS}/node`

/** Where the app answers, to what runs beside it. */
export const ORIGIN = `http://${HOST}:${PROXY_PORT}`
/** Where it answers to browsers, which trust a page fully only there; see `inside/forward.ts`. */
export const LOCAL_ORIGIN = `http://localhost:${PROXY_PORT}`
/** Begins a shell command that looks at the app through {@link LOCAL_ORIGIN}. */
export const FORWARD = `${OWN_NODE} ${TOOLS}/forward.ts ${PROXY_PORT} ${HOST} ${PROXY_PORT} & `

/** Seconds in which the app must be up, its migrations included. */
const START_SECONDS = 120

/** Where the services' logs are copied to. */
const COPIES = "/slipway/app"

/** Something that looks at a running app. */
export interface Look {
  readonly container: Container
  /** They run when the app is up. */
  readonly steps: readonly CommandStep[]
  readonly reports?: readonly string[]
  /** What the load balancer says that visitors use. */
  readonly scheme?: "http" | "https"
  /** The image of a Dockerfile, where it is not the one that the run built. */
  readonly built?: Parts["built"]
}

/** What came of a {@link Look}: a command that ran, or the result of a stage whose app did not come up. */
export type Looked =
  | { readonly up: true; readonly ran: Ran; readonly logs: Readonly<Record<string, File>> }
  | { readonly up: false; readonly result: StageResult }

/**
 * Brings the app up for this stage alone, with a database of its own, and runs commands beside it.
 *
 * @throws {Undescribed} where a service cannot be started without a word from the team: it listens on no port.
 */
export async function lookAt(given: Given, app: App, look: Look): Promise<Looked> {
  // Not all of `given`: each part that a stage reads limits where its result can be used again.
  const { project, image, service, source } = given
  const parts = {
    project,
    image,
    service,
    source,
    built: look.built ?? ((one: Dockerfile) => given.from(imageStage(one))),
  }
  const { started, join, proxy } = await bringUp(parts, app, look.scheme ?? "http")
  const container = withTools(given, join(look.container)).withServiceBinding(HOST, proxy)
  const keep = keepLogs(app)
  const ran = await given.command({
    container: logged(container),
    steps: [
      { name: "app", run: `${keep}; ${waitCommand(started)}`, timeout: START_SECONDS + 30 },
      ...look.steps.map((step) => ({ ...step, run: `${keep}; ${step.run}` })),
    ],
    reports: look.reports ?? [],
  })
  if (ran.failed?.name === "app") return { up: false, result: notUp(given, ran) }
  const logs = Object.fromEntries(
    app.services.map(({ name }) => [name, ran.container.file(`${COPIES}/${name}.log`)]),
  )
  return { up: true, ran, logs }
}

/** What an app is brought up from. */
export interface Parts extends Pick<Given, "project" | "image" | "service" | "source"> {
  /** Runs a command, to see where a service listens; a caller without one must be told. */
  readonly command?: Given["command"]
  /** The image of a Dockerfile. */
  readonly built: (dockerfile: Dockerfile) => Container
  /** The file that the services wait for before they start; null or absent: they start at once. */
  readonly after?: string | null
}

/** An app that comes up with whatever is bound to it. */
export interface Up {
  readonly started: readonly Started[]
  /** A container that reaches each service of the app by its name. */
  readonly join: (container: Container) => Container
  /** What joins them under one address, on {@link PROXY_PORT}. */
  readonly proxy: Service
}

/**
 * @param scheme what the load balancer says that visitors use.
 * @throws {Undescribed} where a service cannot be started without a word from the team: it listens on no port.
 */
export async function bringUp(parts: Parts, app: App, scheme: "http" | "https"): Promise<Up> {
  const started = await Promise.all(app.services.map((service) => start(parts, service)))
  const ports = Object.fromEntries(started.map(({ name, port }) => [name, port]))
  const join = (container: Container) =>
    started.reduce(
      (bound, { name, container }) => bound.withServiceBinding(name, parts.service(container)),
      container,
    )
  const proxy = join(
    parts
      .image(PROXY)
      .withNewFile("/etc/nginx/conf.d/default.conf", proxyConfiguration(app, ports, scheme))
      .withExposedPort(PROXY_PORT),
  )
  return { started, join, proxy: parts.service(proxy) }
}

/** A container with what the stages bring along; its scripts run on any image. */
const withTools = (given: Given, container: Container): Container =>
  container
    .withDirectory(TOOLS, dag.currentModule().source().directory("inside"))
    .withFile(OWN_NODE, given.image(NODE).file("/usr/local/bin/node"))

/** A shared volume that any user may write to. */
export const logged = (container: Container): Container =>
  container.withMountedCache(LOGS, dag.cacheVolume("slipway-app-logs"), {
    source: dag.directory().withNewDirectory("shared", { permissions: 0o777 }),
  })

interface Started {
  readonly name: string
  readonly port: number
  readonly container: Container
  readonly health: string | null
}

async function start(parts: Parts, service: AppService): Promise<Started> {
  const { name, env, health } = service
  const image =
    service.dockerfile === null
      ? parts.image(parseImage(service.image ?? name))
      : parts.built(service.dockerfile)
  const { entrypoint, args, shell } = await describeOnce(image)
  const around = withEnvironment(bind(image, await backingOf(parts, service)), {
    SLIPWAY_MIGRATE: service.migrate ?? "",
    SLIPWAY_AFTER: parts.after ?? "",
    ...env,
  })
  const port = await servicePort(service, image, around, parts.command)
  const served = withEnvironment(around, { PORT: String(port), ...env })
    .withExposedPort(port, { experimentalSkipHealthcheck: true })
    // The engine would wait for its health without a bound, and say nothing of why it is ill.
    .withoutDockerHealthcheck()
  // A shell keeps its log, and migrates; an image without one is run as it is.
  const kept = shell
    ? logged(served)
        .withEntrypoint(["sh", "-c", KEEPER, "sh"])
        .withDefaultArgs([...entrypoint, ...args])
    : served
  return { name, port, health, container: kept }
}

/** What a service of the app has around it. @throws {Fault} `service` where something of it cannot be had. */
export const backingOf = async (parts: Parts, { database, workspace }: AppService): Promise<Backing> =>
  refuseLacking(await backing(parts, servicesOfApp(parts.project, workspace, database)))

/** Copies the services' logs to where the evidence finds them, when the shell that runs it ends. */
function keepLogs({ services }: App): string {
  const copies = services.map(
    ({ name }) =>
      `cp "${LOGS}/shared/$(getent hosts ${name} | cut -d" " -f1).log" ${COPIES}/${name}.log 2>/dev/null || : >${COPIES}/${name}.log`,
  )
  return `mkdir -p ${COPIES}; trap ${quote(copies.join("; "))} EXIT`
}

function waitCommand(started: readonly Started[]): string {
  const wait: Wait = {
    seconds: START_SECONDS,
    logs: `${LOGS}/shared`,
    over: { migration: NOT_MIGRATED, service: ENDED },
    services: started.map(({ name, port, health }) => ({
      name,
      url: `http://${name}:${port}${health ?? "/health"}`,
      strict: health !== null,
    })),
  }
  return `${OWN_NODE} ${TOOLS}/wait.ts ${quote(JSON.stringify(wait))}`
}

/** The services' logs as evidence, in a folder of it. */
export const logFiles = (
  folder: string,
  logs: Readonly<Record<string, File>>,
): Readonly<Record<string, File>> =>
  Object.fromEntries(Object.entries(logs).map(([name, log]) => [`${folder}/${name}.log`, log]))

/** The last line of `wait.ts`. */
const DOWN = /^slipway: (?<cause>service|migration): (?<what>.*)$/m

function notUp({ project }: Given, ran: Ran): StageResult {
  const [, service = "the app"] = /^slipway: service: (\S+) did not come up/m.exec(ran.log.text) ?? []
  const word = isDescribed(project.config) ? null : lackingWord(ran.log.text, service)
  if (word !== null) throw new Undescribed(word)
  const outcome = fromCommand(ran, { passed: "", findings: [], tests: [] })
  const { cause, what } = DOWN.exec(ran.log.text)?.groups ?? {}
  return {
    ...outcome,
    cause: cause === "migration" ? "migration" : "service",
    summary: what ?? "the app did not come up",
  }
}
