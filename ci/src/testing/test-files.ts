import { plural } from "../formats/figures.js"
import { packagesOf, stageName } from "../project/packages.js"
import type { Project, Workspace } from "../project/project.js"
import { isRunner } from "../project/same-work.js"
import { programsOf } from "../project/scripts.js"
import { isTestFile, packageFolder } from "../project/test-files.js"
import { NO_WORK } from "../run/outcome.js"
import type { Given, Stage, StageKind, StageResult } from "../run/stage.js"
import type { SuiteKind } from "./suite.js"

const KIND = "test-files"
const SUITES: readonly SuiteKind[] = ["unit", "integration"]
/** The names that stages of tests begin with. */
const GROUPS = [...SUITES.map((kind) => `test:${kind}`), "test:e2e"]

/** Names the test files that no script runs: green without them is green by chance. */
export const testFiles: StageKind = {
  kind: KIND,
  applies(project, others = []) {
    const files = project.files.filter(isTestFile)
    const suites = others.filter(({ kind }) => SUITES.some((one) => one === kind))
    if (files.length === 0) return { applies: false, reason: "no test file of JavaScript or TypeScript" }
    return {
      applies: true,
      stages: [
        {
          name: KIND,
          kind: KIND,
          needs: [],
          after: GROUPS,
          prepares: true,
          because: because(project, files),
          inputs: { include: ["slipway.yaml"], exclude: [] },
          run: async (given) => runTestFiles(given, files, suites),
        },
      ],
    }
  },
}

const partsOf = (project: Project): readonly Project[] =>
  project.parts.length > 0 ? project.parts : [project]

/** The packages of all projects of a repository. */
const allPackages = (project: Project): readonly Workspace[] => partsOf(project).flatMap(packagesOf)

/** What the plan can tell: packages that have test files, and no script of any name that could run them. */
function because(project: Project, files: readonly string[]): string {
  const without = partsOf(project)
    .filter(isRunInPackages)
    .flatMap(packagesOf)
    .filter(({ path, scripts }) => path !== "" && !Object.keys(scripts).some((name) => /test/i.test(name)))
  const folders = new Set(without.map(({ path }) => path))
  const idle = files.filter((file) => folders.has(packageFolder(project, file)))
  const lacking = idle.length === 0 ? "" : `; their packages have no script for ${listed(idle)}`
  return `${plural(files.length, "test file")}${lacking}`
}

/** False where the root runs the tests of all packages, with a test runner or with a task of Nx. */
const isRunInPackages = ({ root, tasks }: Project): boolean =>
  !("test" in tasks) &&
  !Object.keys(root.scripts).some(
    (name) => /test/i.test(name) && programsOf(root.scripts, name).some(isRunner),
  )

const SHOWN = 5

const listed = (files: readonly string[]): string =>
  files.length > SHOWN
    ? `${files.slice(0, SHOWN).join(", ")} and ${files.length - SHOWN} more`
    : files.join(", ")

/** How many of them are named one by one. */
const NAMED = 10

/** Compares test files with those that reports name. */
export function runTestFiles(
  given: Pick<Given, "project" | "results" | "shards">,
  files: readonly string[],
  suites: readonly Stage[],
): StageResult {
  const { project } = given
  const results = GROUPS.flatMap((group) => [...given.results(group)])
  const ran = new Set(results.flatMap(([, { tests }]) => tests.flatMap(({ file }) => file ?? [])))
  const dark = darkFolders(given, suites)
  const left = files.filter((file) => !ran.has(file))
  const unseen = left.filter((file) => dark.some((inDark) => inDark(file, project)))
  const idle = left.filter((file) => !unseen.includes(file))
  const rest = unseen.length === 0 ? "" : `; of ${unseen.length} it is not known`
  const summary =
    idle.length === 0
      ? `no test file is known that no script runs${rest}`
      : `${plural(idle.length, "test file")} that no script runs: ${listed(idle)}${rest}`
  const unchecked = idle
    .slice(0, NAMED)
    .map((file) => ({ what: file, reason: "a test file that no script runs" }))
  const more = idle.length - unchecked.length
  return {
    ...NO_WORK,
    verdict: "passed",
    cause: null,
    summary: idle.length + unseen.length === 0 ? `${plural(files.length, "test file")}, all ran` : summary,
    unchecked: [
      ...unchecked,
      ...(more > 0 ? [{ what: `${more} more test files`, reason: "no script runs them" }] : []),
    ],
  }
}

type InDark = (file: string, project: Project) => boolean

/** Paths of end-to-end tests. */
const END_TO_END = /(?:^|\/)(?:e2e|playwright|cypress)\/|\.(?:e2e|cy)[.-]/

/** The files of which no report can tell: those of suites that did not run, or whose tests are not counted by file. */
function darkFolders(
  { project, results, shards }: Pick<Given, "project" | "results" | "shards">,
  suites: readonly Stage[],
): readonly InDark[] {
  if (shards?.only) return [() => true]
  const packages = new Map(
    allPackages(project).flatMap((workspace) =>
      SUITES.map((kind) => [stageName(`test:${kind}`, workspace), workspace.path] as const),
    ),
  )
  const dark = suites.flatMap(({ name, lacksLines }): readonly InDark[] => {
    const result = results(name).get(name)
    // One that is refused runs nothing, and says so.
    if (lacksLines === undefined || (result && tells(result))) return []
    return [below(packages.get(name) ?? "")]
  })
  const endToEnd = [...results("test:e2e").values()].some((result) => !tells(result))
  const custom = Object.values(project.config.custom).some(
    ({ commands, junit }) =>
      junit === null && commands.some((command) => /test|vitest|jest|mocha/.test(command)),
  )
  return [...dark, ...(endToEnd ? [isEndToEnd] : []), ...(custom ? [() => true] : [])]
}

const isEndToEnd: InDark = (file) => END_TO_END.test(file)

/** A suite at the root may run the tests of any package. */
const below =
  (path: string): InDark =>
  (file, project) =>
    path === "" || packageFolder(project, file) === path

const tells = ({ verdict, tests, steps }: StageResult): boolean =>
  (verdict === "skipped" && steps.length > 0) ||
  (tests.length > 0 && tests.every(({ file }) => file !== null))
