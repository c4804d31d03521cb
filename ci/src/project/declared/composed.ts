import { folderOf, upwards } from "../manifest.js"
import { pathFrom } from "../paths.js"
import type { Project, Workspace } from "../project.js"
import { type ComposeCall, composeCalls, keyOf } from "./compose-calls.js"
import type { Compose, FoundService, Step } from "./found.js"

/** Services of other names and technologies than some that outrank them. */
export const without = (
  services: readonly FoundService[],
  others: readonly FoundService[],
): readonly FoundService[] =>
  services.filter(({ host, technology }) =>
    others.every((other) => other.host !== host && (technology === null || other.technology !== technology)),
  )

/** Names of files that compose takes without being told. */
const DEFAULT = /(?:^|\/)(?:docker-)?compose\.ya?ml$/
const FOR_TESTS = /(?:^|\/)(?:docker-)?compose[.-](?:tests?|testing|ci|integration|e2e|it)\.ya?ml$/
/** Files for people's desks: of these, only what a package has a client for counts, where no other file has it. */
const FOR_DESKS =
  /(?:^|\/)(?:docker-)?compose[.-](?:dev|devel|develop|development|local|services?|db|databases?|deps|infra)\.ya?ml$/
const TEST_FOLDER =
  /(?:^|\/)(?:tests?|__tests__|e2e|integration|\.?docker|dev|\.devcontainer|infra|setup|ci|compose)\//

/** Files for machines that no stage runs on, where a script chooses between them. */
const OTHER_MACHINE =
  /(?:^|[._/-])(?:arm(?:64)?|aarch64|m1|apple|mac(?:os)?|osx|darwin|win(?:dows)?)(?=[._/-])/i

/** Command lines, and where they run. */
type Commands = Pick<Step, "run" | "folder" | "env">

/**
 * Returns the services of the compose files for a package, the likeliest file's first.
 *
 * @param commands those that may start them.
 */
export function composed(
  project: Project,
  workspace: Workspace,
  commands: readonly Commands[],
): readonly FoundService[] {
  const found: FoundService[] = []
  const calls = composeCalls(commands)
  for (const compose of composeFiles(project, workspace, commands, calls)) {
    const services = compose.services.filter((one) => isActive(one, compose, calls))
    const more = without(services, found).filter(({ technology }) => technology !== null)
    found.push(...(found.length === 0 && !FOR_DESKS.test(compose.file) ? started(services, calls) : more))
  }
  return found
}

/** Tells whether a service of a compose file starts: one with profiles does by their names, or by its own. */
const isActive = ({ host, profiles }: FoundService, compose: Compose, calls: readonly ComposeCall[]) =>
  profiles === undefined ||
  [...compose.profiles, ...calls.flatMap((one) => one.profiles)].some((one) =>
    ["*", ...profiles].includes(one),
  ) ||
  calls.some((one) => one.services.includes(host))

function composeFiles(
  project: Project,
  workspace: Workspace,
  commands: readonly Commands[],
  calls: readonly ComposeCall[],
): readonly Compose[] {
  const all = Object.values(project.declared.compose).filter(({ services }) => services.length > 0)
  const named = commands.flatMap(({ run, folder }) =>
    [...run.matchAll(/(?:\s-f|--file)[\s=]+["']?([^\s"']+)/g)].map(([, path = ""]) =>
      pathFrom(folder ?? workspace.path, path),
    ),
  )
  const folders = upwards(workspace.path)
  const at = (pattern: RegExp) =>
    folders.flatMap((folder) => all.filter(({ file }) => folderOf(file) === folder && pattern.test(file)))
  const below = (pattern: RegExp) =>
    all.filter(
      ({ file }) =>
        pattern.test(file) &&
        TEST_FOLDER.test(file) &&
        (workspace.path === "" || file.startsWith(`${workspace.path}/`)),
    )
  const read = calls.flatMap((call) => project.declared.calls[keyOf(call)] ?? [])
  const paths = [...named, ...calls.flatMap(({ files }) => files)]
  const single = all.filter(({ file }) => paths.includes(file))
  const asked = [...read, ...single].toSorted(
    (a, b) => Number(OTHER_MACHINE.test(a.file)) - Number(OTHER_MACHINE.test(b.file)),
  )
  const beside = project.declared.devcontainers.flatMap(({ compose }) => compose ?? [])
  const likely = [
    ...asked,
    ...at(FOR_TESTS),
    ...at(DEFAULT),
    ...beside,
    ...below(FOR_TESTS),
    ...below(DEFAULT),
  ]
  return [...new Set([...likely, ...at(FOR_DESKS), ...below(FOR_DESKS)])]
}

/** The services that Compose is told to start, with those that they need; all where it is told none. */
function started(services: readonly FoundService[], calls: readonly ComposeCall[]): readonly FoundService[] {
  const words = calls.flatMap((one) => one.services)
  const told = services.filter(({ host }) => words.includes(host))
  if (told.length === 0) return services
  const grow = (some: readonly FoundService[]): readonly FoundService[] => {
    const needed = services.filter(
      (one) => !some.includes(one) && some.some(({ needs }) => needs.includes(one.host)),
    )
    return needed.length === 0 ? some : grow([...some, ...needed])
  }
  return grow(told)
}
