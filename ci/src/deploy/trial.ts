import { type Container, dag } from "@dagger.io/dagger"
import { type App, type AppService, describe } from "../app/describe.js"
import { backingOf } from "../app/running.js"
import { pull } from "../image/pull.js"
import { parsePinned } from "../image/reference.js"
import type { Access } from "../image/registry.js"
import { servicesOfApp } from "../project/declared/choose.js"
import type { Project } from "../project/project.js"
import { bind, mountedFiles } from "../project/services.js"
import { quote } from "../run/command.js"
import { Fault } from "../run/fault.js"
import { exited, NO_WORK } from "../run/outcome.js"
import { type Given, type Ran, type Stage, type StageResult, withEnvironment } from "../run/stage.js"
import type { Trial } from "./client.js"
import { incompatible, look } from "./trial-look.js"

/** What a trial works with. */
interface TrialOptions {
  readonly trial: Trial
  /** The name of the migration's image. */
  readonly image: string
  readonly access: Access
}

interface Work extends TrialOptions {
  /** The live release as it runs. */
  readonly app: App
  /** The service of the app whose image migrates. */
  readonly migrates: AppService
  /** Brings the database to its schema. */
  readonly command: string
}

/**
 * Returns the stage that starts the live release on a database that its own migrations were applied to, and again after
 * those of the new release. What fails before those is not their fault: then the stage is errored.
 *
 * @throws {Fault} `configuration` where slipway.yaml does not tell how the live release runs, or how it is migrated.
 */
export function trialStage(project: Project, options: TrialOptions): Stage {
  const described = describe(project)
  if ("reason" in described) throw refused(described.reason)
  const { trial, image } = options
  const app = liveApp(described.app, new Set(Object.keys(trial.live.images)))
  const migrates = described.app.services.find(({ dockerfile }) => dockerfile?.name === image)
  if (!migrates) throw refused(`no Dockerfile builds \`${image}\`, the image of the migration`)
  const command = trial.migration.command?.map(quote).join(" ") ?? migrates.migrate
  if (command === null) throw refused("the command of the migration is unknown: set `migration.command`")
  const mounted = [...app.services, migrates].flatMap(({ workspace, database }) =>
    mountedFiles(servicesOfApp(project, workspace, database)),
  )
  return {
    name: "compatible",
    kind: "compatible",
    gate: "own",
    needs: [],
    because: "the live release on the migrated schema",
    inputs: { include: ["slipway.yaml", ...mounted], exclude: [] },
    run: async (given) => ({ ...(await tried(given, { ...options, app, migrates, command })), until: 0 }),
  }
}

/**
 * Returns the services of the app that the live release has. Its migrations are applied apart.
 *
 * @throws {Fault} `configuration` if it has none of them.
 */
export function liveApp(app: App, images: ReadonlySet<string>): App {
  const services = app.services
    .filter(({ dockerfile }) => dockerfile === null || images.has(dockerfile.name))
    .map((service) => ({ ...service, migrate: null }))
  const known = [...images].join(", ") || "none is known"
  if (services.every(({ dockerfile }) => dockerfile === null))
    throw refused(`no service of the app is among the images of the live release: ${known}`)
  const names = services.map(({ name }) => name)
  const routes = Object.entries(app.routes).filter(([, name]) => names.includes(name))
  return { ...app, services, routes: Object.fromEntries(routes) }
}

/** Starts the database for as long as the trial takes: it keeps its data only while it runs. */
async function tried(whole: Given, work: Work): Promise<StageResult> {
  const nonce = String(whole.startedAt)
  const again = (container: Container) => container.withEnvVariable("SLIPWAY_TRIAL", nonce)
  // What another trial left would be migrated already.
  const given: Given = { ...whole, service: (container, access) => whole.service(again(container), access) }
  const backing = await backingOf({ ...given, built: () => dag.container() }, work.migrates)
  const services = [...new Set(Object.values(backing.services))]
  await Promise.all(services.map((service) => service.start()))
  try {
    return await judged(given, work, nonce, async (reference) =>
      given.command({
        container: withEnvironment(
          again(bind(await pulled(work.access, reference), backing)),
          work.migrates.env,
        ).withUser("root"),
        steps: [{ name: "migration", run: work.command, timeout: MIGRATION_SECONDS }],
      }),
    )
  } finally {
    // What cannot be stopped ends with the run.
    await Promise.allSettled(services.map((service) => service.stop()))
  }
}

const MIGRATION_SECONDS = 900

/** Migrates, looks, migrates, looks. @param migrate applies the migrations of an image. */
async function judged(
  given: Given,
  { trial, image, access, app }: Work,
  nonce: string,
  migrate: (reference: string) => Promise<Ran>,
): Promise<StageResult> {
  const { live, migration } = trial
  const images = await imagesOf(app, live.images, access)
  const own = live.images[image]
  const before = own === undefined ? null : await migrate(own)
  if (before?.failed)
    return notTried(before, `its own migration failed: ${exited(before.failed, before.log.text)}`)
  const first = await look(given, { app, images, trial }, `${nonce} before`)
  if (first.verdict !== "passed") return notTried(first, `on its own schema, ${first.summary}`)
  const after = await migrate(migration.image)
  if (after.failed)
    return { ...incompatible(after, exited(after.failed, after.log.text)), cause: "migration" }
  return look(given, { app, images, trial }, `${nonce} after`)
}

/** Returns the images of the app's services, by the name of their Dockerfile. */
async function imagesOf(app: App, live: Trial["live"]["images"], access: Access) {
  const names = app.services.flatMap(({ dockerfile }) => dockerfile?.name ?? [])
  const found = names.map(async (name) => [name, await pulled(access, live[name] ?? "")] as const)
  return new Map(await Promise.all(found))
}

const pulled = async (access: Access, reference: string): Promise<Container> =>
  dag.container().import_(await pull(access, parsePinned(reference), await dag.defaultPlatform()))

/** Nothing is known about the migration: the live release does not work here without it. */
const notTried = ({ steps, log }: Pick<StageResult, "steps" | "log">, why: string): StageResult => ({
  ...NO_WORK,
  steps,
  log,
  verdict: "errored",
  cause: "errored",
  summary: `the live release cannot be judged here: ${why}`,
})

const refused = (why: string): Fault =>
  new Fault("configuration", {
    what: `cannot try the live release: ${why}`,
    where: null,
    fix: "describe its services under `app` in slipway.yaml",
  })
