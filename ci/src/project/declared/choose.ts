import { joinPath } from "../paths.js"
import type { Project, Workspace } from "../project.js"
import { composed, without } from "./composed.js"
import { clientCommands, withClients } from "./database-clients.js"
import { type FoundService, type Step, type Technology, versionOf, type Wanted } from "./found.js"
import { configured, unasked } from "./named.js"
import { withOwnAddresses } from "./own-addresses.js"
import { commandsOf, jobOfTests, type Runs, startsDocker, stepsBefore, type TestScript } from "./scripts.js"
import { startedBy, withInside } from "./started.js"
import { MONGODB, POSTGRESQL, TECHNOLOGIES, talksTo } from "./technologies.js"

/** Scripts that say that they are for tests without services. */
const ALONE = ["test:unit", "unit"]

/**
 * Returns the services that the tests of a script get: those of slipway.yaml, of the team's files, and of its packages.
 *
 * @param docker whether the tests start their own: then they get those of slipway.yaml and of their job alone.
 */
export function servicesOfTests(project: Project, test: TestScript, docker = false): readonly Wanted[] {
  const { workspace, kind } = test
  const named = configured(project.config).filter(({ unit }) => unit || kind === "integration")
  const commands = commandsOf(workspace, test.script)
  const strong = kind === "integration" || startsDocker(workspace, test.script)
  const must = named.map((service) => ({ ...service, required: true }))
  const clients = clientsOf(project, workspace)
  const scripts = startedByScripts(project, workspace).filter(
    ({ technology }) => technology !== null && clients.includes(technology),
  )
  if (!strong && ALONE.includes(test.script) && scripts.length === 0) return must
  // Who says nothing of a client may use any of them, as may tests that are for services.
  const fits = (technology: Technology | null) =>
    technology !== null && clients.includes(technology)
      ? true
      : strong && (technology?.unasked == null || clients.length === 0)
  const runs = jobOfTests(project, test)
  if (runs && !startsDocker(workspace, test.script) && runsAlone(project, test, runs)) return must
  const before = runs === null ? [] : stepsBefore(runs)
  const around = before.filter(({ run }) => COMPOSE.test(run))
  const files = composed(project, workspace, [{ run: commands, folder: workspace.path, env: {} }, ...around])
  const own = ofOthers(project, workspace, runs?.job.services ?? [], clients)
    ? []
    : (runs?.job.services ?? []).map((service) => versioned(service, files))
  const others = docker ? [] : files.filter(({ technology }) => fits(technology))
  const listed = [...own, ...without(others, own)]
  const filled = withClients(withInside(listed, before), clientCommands(before, project.files))
  const all = [...filled, ...(docker ? [] : without(scripts, listed))]
  const found = without(all, named).map((service) => ({
    ...service,
    required: strong && service.technology !== null && clients.includes(service.technology),
  }))
  const asked = docker ? [] : unaskedFor(project, workspace, clients, strong)
  const rest = without(asked, [...named, ...found]).map((service) => ({ ...service, required: strong }))
  return withOwnAddresses(project, workspace, [...must, ...found, ...rest])
}

/** Starts what nobody can see here: a recipe of make, a server by its URL. */
const BY_OTHERS = /\b(?:docker|podman|make|just)\b/
const SERVER = /^(?:postgres(?:ql)?|mysql|mariadb|mongodb|rediss?|amqps?)(?:\+\w+)?:\/\//

/** Tells whether the team's own CI runs tests with nothing beside them. */
const runsAlone = ({ language }: Project, { kind }: TestScript, { job, step }: Runs): boolean =>
  (kind === "unit" || language === "python") &&
  job.services.length === 0 &&
  !job.steps.some(({ run }) => BY_OTHERS.test(run)) &&
  !Object.values(step.env).some((value) => SERVER.test(value))

const COMPOSE = /\bcompose\b/

const STARTS = /\b(?:docker|podman)\s+(?:container\s+)?run\b|\bsystemctl\b/

/** Fills a database. */
const FILLS = /\b(?:create|insert into)\b/i

/**
 * The services that scripts of a package, or of the root, start for people, with what others of these scripts fill them
 * with; the script of the shortest name first.
 */
function startedByScripts({ root, files }: Project, workspace: Workspace): readonly FoundService[] {
  const found = [...new Set([workspace, root])].flatMap(({ scripts, path }) => {
    const texts = Object.values(scripts)
    if (!texts.some((text) => STARTS.test(text))) return []
    const asStep = (run: string): Step => ({ run, env: {}, folder: path })
    const started = Object.keys(scripts)
      .toSorted((a, b) => a.length - b.length)
      .flatMap((name) =>
        startedBy([asStep(commandsOf({ scripts }, name))], {
          source: `the script ${name} in ${joinPath(path, "package.json")}`,
          files,
        }),
      )
    return withInside(started, texts.filter((text) => FILLS.test(text)).map(asStep))
  })
  return found.filter((one, i) => without([one], found.slice(0, i)).length > 0)
}

/**
 * Tells whether the services of a job are for other packages that it tests: they have clients of them, and this has none.
 * The root's script may run the tests of all.
 */
function ofOthers(
  { root, workspaces }: Project,
  workspace: Workspace,
  services: readonly FoundService[],
  clients: readonly Technology[],
): boolean {
  const known = services.flatMap(({ technology }) => technology ?? [])
  const others = workspaces.filter((one) => one !== workspace)
  return (
    workspace !== root &&
    !known.some((technology) => clients.includes(technology)) &&
    known.some((technology) => others.some(({ dependencies }) => talksTo(technology, dependencies)))
  )
}

/**
 * Returns the services that a program of the running app gets.
 *
 * @param workspace its package; null for an image of somebody else's.
 * @param database whether it has a database to migrate.
 */
export function servicesOfApp(
  project: Project,
  workspace: Workspace | null,
  database: boolean,
): readonly Wanted[] {
  const named = workspace === null ? [] : configured(project.config)
  const clients = workspace === null ? [] : clientsOf(project, workspace)
  const fits = ({ technology }: FoundService) => technology !== null && clients.includes(technology)
  const listed = workspace === null ? [] : composed(project, workspace, []).filter(fits)
  const found = [...named, ...without(listed, named)]
  const rest = without(unasked(project.config, clients), found)
  const migrated = [...found, ...rest].some(({ technology }) => technology?.sql)
  const last = database && !migrated ? unasked(project.config, [POSTGRESQL]) : []
  return [...found, ...rest, ...last].map((service) => ({ ...service, required: true }))
}

/** A service of a workflow that names no version gets the image of the compose file. */
function versioned(service: FoundService, files: readonly FoundService[]): FoundService {
  const other = files.find(({ technology }) => technology !== null && technology === service.technology)
  return versionOf(service.image) === "" && other
    ? { ...service, image: other.image, command: other.command }
    : service
}

/** What a package alone lets expect. Plain tests get databases: few packages with a driver test without one. */
function unaskedFor(project: Project, workspace: Workspace, clients: readonly Technology[], strong: boolean) {
  const own = packagesOf(project, workspace)
  // Who describes the database in slipway.yaml wants it, whatever the packages are.
  const described =
    strong &&
    project.config.written.some((key) => key.startsWith("postgres.")) &&
    !clients.includes(POSTGRESQL)
  const apart = [...clients, ...(described ? [POSTGRESQL] : [])].filter(
    ({ embedded }) => !embedded.some((name) => own.includes(name)),
  )
  return unasked(project.config, strong ? apart : apart.filter((one) => one.sql || one === MONGODB))
}

/** The name of a package, its dependencies, and those of the workspaces that it uses. */
function packagesOf(project: Project, workspace: Workspace): readonly string[] {
  const used = project.workspaces.filter(({ path }) => workspace.needs.includes(path))
  const python = project.python?.dependencies ?? []
  // A client itself is tested with the servers that it talks to.
  return [workspace.name, ...workspace.dependencies, ...used.flatMap(({ brings }) => brings), ...python]
}

/** The technologies that a package talks to: by its dependencies, and by the database of a Prisma schema. */
function clientsOf(project: Project, workspace: Workspace): readonly Technology[] {
  const own = packagesOf(project, workspace)
  const folders = [workspace.path, ...workspace.needs]
  const schemas = Object.entries(project.declared.schemas).flatMap(([file, technology]) =>
    own.includes("@prisma/client") && folders.some((folder) => folder === "" || file.startsWith(`${folder}/`))
      ? [technology]
      : [],
  )
  return TECHNOLOGIES.filter((one) => talksTo(one, own) || schemas.includes(one))
}
