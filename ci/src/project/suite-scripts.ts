/** Names of the scripts by which packages run their integration tests and end-to-end tests. */
import { either } from "../formats/pattern.js"
import { hasNoCi, jobOf } from "./declared/scripts.js"
import type { Project, Workspace } from "./project.js"
import { isRunner } from "./same-work.js"
import { programsOf } from "./scripts.js"

/** Returns a script's name with one mark between its words: `test-e2e` and `test_e2e` are `test:e2e`. */
export const withColons = (script: string): string => script.toLowerCase().replace(/[-_.:]+/g, ":")

/** Names of scripts that run the integration tests of a package, and names that may mean others. */
const USUAL = ["test:integration", "integration", "test:int"]
const UNUSUAL = ["integration:test", "integration:tests", "tests:integration", "test:integrations"]
/** Names of scripts that run integration tests, the usual names first. */
const INTEGRATION = [...USUAL, ...UNUSUAL]

/** Tells whether a package has a script that runs its integration tests, however the words of its name are divided. */
export const hasIntegration = ({ scripts }: Workspace): boolean =>
  Object.keys(scripts).some((name) => INTEGRATION.includes(withColons(name)))

/** Returns the usual names of scripts, and a package's own scripts with others of some names, if the team's CI runs them. */
export const scriptsNamed = (
  project: Project,
  workspace: Workspace,
  usual: readonly string[],
  others: readonly string[],
): readonly string[] => [
  ...usual,
  ...[...usual, ...others].flatMap((wanted) =>
    Object.keys(workspace.scripts).filter(
      (name) => withColons(name) === wanted && !usual.includes(name) && isRunByTeam(project, workspace, name),
    ),
  ),
]

/** Returns the names of scripts that run all integration tests of a package; those of unusual names if the team's CI runs them. */
export const integrationScripts = (project: Project, workspace: Workspace): readonly string[] => [
  ...scriptsNamed(project, workspace, USUAL, UNUSUAL),
  ...Object.keys(workspace.scripts).filter((name) => isDatabaseSuite(project, workspace, name)),
]

/** Tells whether a script runs tests with a database in the team's CI: others of these names only start one. */
const isDatabaseSuite = (project: Project, workspace: Workspace, name: string): boolean =>
  /^tests?:(?:db|database)$/.test(withColons(name)) &&
  jobOf(project, { workspace, kind: "integration", script: name }) !== null &&
  programsOf(workspace.scripts, name).some(isRunner)

const FAMILY =
  /^(?:tests?[-:_.](?:integrations?|int|e2e)|(?:integrations?|e2e)(?:[-:_.]tests?)?)(?:[-:_.](?<part>.+))?$/

/** Words of scripts beside a suite: they watch it, show it, or prepare it. */
const BESIDE = new RegExp(
  `(?:^|[-:_.])(?:${either("watch dev debug ui open headed update snapshots? cov coverage reports? setup teardown up down start stop serve build install clean prepare codegen disabled")})(?:$|[-:_.])`,
)
/** Words of scripts that run the whole suite once. */
const WHOLE = /^(?:ci|run|once|all)$/

/** Tells whether a script runs integration or end-to-end tests, by its name. */
export const isSuiteScript = (script: string): boolean => FAMILY.test(script) && !BESIDE.test(script)

const partOf = (script: string): string | null =>
  isSuiteScript(script) && INTEGRATION.some((name) => withColons(script).startsWith(`${name}:`))
    ? (FAMILY.exec(script)?.groups?.part ?? null)
    : null

/** A script that runs a part of a package's integration tests. */
interface Part {
  /** What stands behind the tests' name: `db` of `test:integration:db`. */
  readonly part: string
  readonly script: string
}

/**
 * Returns the scripts that run a package's integration tests in parts, where none runs them all. What the team's CI leaves
 * out is left out: it may need what only some machines have.
 */
export function integrationParts(project: Project, workspace: Workspace): readonly Part[] {
  if (hasIntegration(workspace)) return []
  const parts = Object.keys(workspace.scripts).flatMap((script): readonly Part[] => {
    const part = partOf(script)
    return part !== null && isRunByTeam(project, workspace, script) ? [{ part, script }] : []
  })
  const several = parts.filter(({ part }) => !WHOLE.test(part))
  return several.length > 0 ? several : parts.slice(0, 1)
}

/** Returns the scripts that run one part of a package's integration tests. */
export const scriptsOfPart = (project: Project, workspace: Workspace, part: string): readonly string[] =>
  integrationParts(project, workspace)
    .filter((one) => one.part === part)
    .map(({ script }) => script)

/** Tells whether the team's CI runs a script of tests; true where there is no CI that says so. */
export const isRunByTeam = (project: Project, workspace: Workspace, script: string): boolean =>
  hasNoCi(project) || jobOf(project, { workspace, kind: "integration", script }) !== null
