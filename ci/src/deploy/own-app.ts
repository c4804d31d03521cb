import { type Container, type Directory, dag } from "@dagger.io/dagger"
import { type App, describe } from "../app/describe.js"
import { PROXY_PORT } from "../app/proxy.js"
import { bringUp, needsOf, type Parts } from "../app/running.js"
import { contextOf, unbuilt } from "../image/build.js"
import type { Project } from "../project/project.js"
import { backing, bind } from "../project/services.js"
import { Fault } from "../run/fault.js"
import { imageReference, NODE } from "../run/images.js"

/** The host name of the app, to the simulator. */
const HOST = "app"

/** The project's own app, for a rehearsal. */
export interface OwnApp {
  /** What the simulator runs on: the migration's image with its database, beside the running app. */
  readonly machine: Container
  /** The folder there that the migration runs in. */
  readonly tasksIn: string
  /** Where the app answers, to the machine. */
  readonly app: string
}

/**
 * The app's images, built and running as their Dockerfiles have it: its services, one empty database, a proxy in front.
 * It comes up with the machine; its migration is left to the deployment.
 *
 * @param image the name that the environment's migration has for its image; null where nothing is migrated.
 * @param run a name that no other rehearsal has: each has a database of its own.
 * @throws {Fault} `configuration` where no app can be run, or the migration's image is none of its own.
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
  const parts: Parts = {
    project,
    image: (image, tag) => dag.container().from(imageReference(image, project.config.images, tag)),
    service: (container) => container.withEnvVariable("SLIPWAY_RUN", run).asService({ useEntrypoint: true }),
    built: (workspace) => unbuilt(project, workspace, contextOf(project, workspace, source), null),
  }
  const unmigrated = { ...app, services: app.services.map((service) => ({ ...service, migrate: null })) }
  const { proxy } = await bringUp(parts, unmigrated, "https")
  const machine = image === null ? parts.image(NODE) : migrating(parts, app, image)
  const [tasksIn, exposed] = await Promise.all([machine.workdir(), machine.exposedPorts()])
  const ports = await Promise.all(exposed.map((port) => port.port()))
  return {
    // The engine would wait for the ports and the health of what does not run here.
    machine: ports
      .reduce((made, port) => made.withoutExposedPort(port), machine)
      .withoutDockerHealthcheck()
      .withServiceBinding(HOST, proxy),
    tasksIn: tasksIn || "/",
    app: `http://${HOST}:${PROXY_PORT}`,
  }
}

/** The image that migrates, with the database that the app has. */
function migrating(parts: Parts, { services }: App, image: string): Container {
  const service = services.find(({ workspace }) => workspace?.name === image)
  if (!service?.workspace)
    throw refused(`its migration runs in the image ${image}, which no workspace builds`)
  return bind(parts.built(service.workspace), backing(parts, needsOf(parts, service)))
}

const refused = (why: string): Fault =>
  new Fault("configuration", {
    what: `the app cannot be run: ${why}`,
    where: null,
    fix: "say under app in slipway.yaml what it consists of, or rehearse without --app",
  })
