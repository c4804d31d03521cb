import { type Container, type Directory, dag } from "@dagger.io/dagger"
import { type App, describe } from "../app/describe.js"
import { LOGS } from "../app/keeper.js"
import { PROXY_PORT } from "../app/proxy.js"
import { backingOf, bringUp, logged, type Parts } from "../app/running.js"
import { contextOf, unbuilt } from "../image/build.js"
import type { Project } from "../project/project.js"
import { bind } from "../project/services.js"
import { Fault } from "../run/fault.js"
import { imageReference, NODE } from "../run/images.js"

/** Host name of the app, as the simulator sees it. */
const HOST = "app"

/** The project's app, running for a rehearsal. */
interface OwnApp {
  /** Container for the simulator: the migration's image, bound to its database and to the app. */
  readonly machine: Container
  /** Folder in `machine` where the migration runs. */
  readonly tasksIn: string
  /** File in `machine` that tells the app that the migration is applied; null: it does not wait. */
  readonly taskDone: string | null
  /** URL of the app, as `machine` sees it. */
  readonly app: string
}

/**
 * Builds the app's images from their Dockerfiles and runs them: the services, an empty database, a proxy in front. The
 * deployment runs the migration. Only then does the app start, as the new release would.
 *
 * @param image the image name of the environment's migration; null: no migration.
 * @param run a unique name of the rehearsal, so that each has its own database.
 * @throws {Fault} `configuration` if the app cannot run, or no workspace builds the migration's image.
 */
export async function ownApp(
  project: Project,
  source: Directory,
  image: string | null,
  run: string,
): Promise<OwnApp> {
  const described = describe(project)
  if ("reason" in described) throw refused(described.reason)
  const { app } = described
  const taskDone = image === null ? null : `${LOGS}/shared/${run}.migrated`
  const parts: Parts = {
    project,
    source,
    image: (image, tag) => dag.container().from(imageReference(image, project.config.images, tag)),
    service: (container) => container.withEnvVariable("SLIPWAY_RUN", run).asService({ useEntrypoint: true }),
    built: (dockerfile) => unbuilt(dockerfile, contextOf(project, dockerfile, source), null),
    after: taskDone,
  }
  const unmigrated = { ...app, services: app.services.map((service) => ({ ...service, migrate: null })) }
  const { proxy } = await bringUp(parts, unmigrated, "https")
  const machine = image === null ? parts.image(NODE) : await migrationMachine(parts, app, image)
  const [tasksIn, exposed] = await Promise.all([machine.workdir(), machine.exposedPorts()])
  const ports = await Promise.all(exposed.map((port) => port.port()))
  return {
    // The engine would wait for ports and health checks of a process that does not run in this container.
    machine: logged(ports.reduce((made, port) => made.withoutExposedPort(port), machine))
      .withoutDockerHealthcheck()
      .withServiceBinding(HOST, proxy),
    tasksIn: tasksIn || "/",
    taskDone,
    app: `http://${HOST}:${PROXY_PORT}`,
  }
}

/** Returns the migration's image, bound to the app's database. */
async function migrationMachine(parts: Parts, { services }: App, image: string): Promise<Container> {
  const service = services.find(({ dockerfile }) => dockerfile?.name === image)
  if (!service?.dockerfile) throw refused(`no Dockerfile builds \`${image}\`, the image of the migration`)
  return bind(parts.built(service.dockerfile), await backingOf(parts, service))
}

const refused = (why: string): Fault =>
  new Fault("configuration", {
    what: `cannot run the app: ${why}`,
    where: null,
    fix: "describe its services under `app` in slipway.yaml, or rehearse without `--app`",
  })
