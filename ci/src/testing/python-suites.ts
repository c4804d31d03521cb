import { escapeRegExp } from "../formats/pattern.js"
import { jobOf, type TestScript } from "../project/declared/scripts.js"
import { isOrHolds, joinPath, prefixOf } from "../project/paths.js"
import type { Project } from "../project/project.js"
import { placesOf } from "../project/python-places.js"
import { quote } from "../run/command.js"
import { withTeam } from "./python-chosen.js"
import { testProgram } from "./python-program.js"
import type { PythonSuite } from "./python-suite.js"

/** What runs the tests, where those of Node.js have a script of package.json. */
export const SCRIPT = "pytest"

/** Test files by pytest's own patterns, https://docs.pytest.org/en/stable/explanation/goodpractices.html#test-discovery */
const TEST_FILE = /(?:^|\/)(?:test_[^/]*|[^/]*_test)\.py$/
/** Files that unittest and Django take for tests as well. */
const TESTS_FILE = /(?:^|\/)tests\.py$/
const WITH_TESTS_FILE = " -o 'python_files=test_*.py *_test.py tests.py'"

/** Returns the tests of a Python project as what its services are chosen by. */
export const testOf = (project: Project): TestScript => ({
  workspace: project.root,
  kind: "integration",
  script: SCRIPT,
})

/** A suite of all that is there. */
const WHOLE = { args: "", left: [], conditional: [], program: null }

/** Returns the suites of a Python project: one for each workspace member that sets pytest up, one for all other tests. */
export function suitesOf(project: Project): readonly PythonSuite[] {
  const [own, ...members] = placesOf(project)
  if (own === undefined) return []
  const program = testProgram(project)
  if (program !== null)
    return [{ ...WHOLE, label: own.label, folder: program.folder, files: program.calls, program }]
  const tests = testsOf(project)
  const below = (folder: string) => tests.filter((file) => file.startsWith(prefixOf(folder)))
  const apart = members.filter(({ path, tools }) => tools.pytest !== undefined && below(path).length > 0)
  const rest = tests.filter((file) => !apart.some(({ path }) => file.startsWith(prefixOf(path))))
  const folder = folderOfTeam(project, rest) ?? own.path
  const ignored = apart
    .filter(({ path }) => path.startsWith(prefixOf(folder)))
    .map(({ path }) => ` --ignore=${quote(path.slice(prefixOf(folder).length))}`)
    .join("")
  const patterns = patternsFor(project, rest)
  const whole = { ...WHOLE, label: own.label, folder, files: rest, args: patterns + ignored }
  return [
    ...(rest.length > 0 ? [withTeam(project, whole)] : []),
    ...apart.map(({ path, label }) =>
      withTeam(project, { ...WHOLE, label, folder: path, files: below(path) }),
    ),
  ]
}

/** Returns the files that have the names of tests and that no suite takes: settings of the runner leave them out. */
export function idleTests(project: Project, suites: readonly PythonSuite[]): readonly string[] {
  if (suites.some(({ program }) => program !== null)) return []
  const known = new Set(suites.flatMap(({ files, left, conditional }) => [...files, ...left, ...conditional]))
  return codeOf(project).filter((file) => TEST_FILE.test(file) && !known.has(file))
}

const codeOf = ({ files, path }: Project): readonly string[] =>
  files.filter((file) => file.startsWith(prefixOf(path)) && file.endsWith(".py"))

/** The files of a project that its runner takes for tests, where it looks for them. */
function testsOf(project: Project): readonly string[] {
  const settings = project.python?.pytest ?? null
  const inside = prefixOf(project.path)
  const own = unittestPatterns(project) ?? settings?.files ?? []
  const isNamed = own.length > 0 ? fileMatcher(own) : null
  const alsoTests = takesTestsFile(project)
  const isTest = (file: string) =>
    isNamed?.(file.slice(inside.length)) ?? (TEST_FILE.test(file) || (alsoTests && TESTS_FILE.test(file)))
  const python = codeOf(project)
  const within = python.filter((file) =>
    settings?.paths.some((path) => isOrHolds(joinPath(project.path, path), file)),
  )
  const searched = within.length > 0 ? within : python
  const tests = searched.filter(isTest)
  return tests.length === 0 && settings?.arguments.includes("--doctest-modules") ? searched : tests
}

/** Matches paths as pytest does: by their last name, or as a whole where the pattern has a slash. */
function fileMatcher(patterns: readonly string[]): (file: string) => boolean {
  const all = patterns.map((one) => {
    const text = escapeRegExp(one).replaceAll("\\*", ".*").replaceAll("\\?", ".")
    return one.includes("/") ? `(?:^|/)${text}$` : `(?:^|/)${text.replaceAll(".*", "[^/]*")}$`
  })
  const pattern = new RegExp(all.join("|"))
  return (file) => pattern.test(file)
}

/** The patterns of unittest, where the team's CI runs it and no pytest; null elsewhere. */
function unittestPatterns(project: Project): readonly string[] | null {
  if (project.python?.django || placesOf(project).some(({ tools }) => tools.pytest !== undefined)) return null
  const runs = project.declared.jobs.flatMap(({ steps }) => steps.map(({ run }) => run))
  const calls = runs.filter((run) => /\bunittest\b/.test(run))
  if (calls.length === 0 || runs.some((run) => /\bpy\.?test\b/.test(run))) return null
  const named = calls.flatMap(
    (run) => /\sdiscover\b.*\s(?:-p|--pattern)[\s=]*["']?([\w*?.]+)/.exec(run)?.[1] ?? [],
  )
  return [...new Set(named.length > 0 ? named : ["test*.py"])]
}

/** Options by which pytest takes the files of another runner for tests. Django's are in the command of its tests. */
function patternsFor(project: Project, tests: readonly string[]): string {
  const own = unittestPatterns(project)
  if (own !== null) return ["", "-o", quote(`python_files=${own.join(" ")}`)].join(" ")
  const named = (project.python?.pytest?.files ?? []).length > 0
  const alsoTests = !named && !project.python?.django && tests.some((file) => TESTS_FILE.test(file))
  return alsoTests ? WITH_TESTS_FILE : ""
}

/** Tells whether `tests.py` holds tests: in Django, where pytest is told, and where the team does not use pytest. */
function takesTestsFile(project: Project): boolean {
  const calls = project.declared.jobs.flatMap(({ steps }) =>
    steps.filter(({ run }) => /\bpy\.?test\b/.test(run)),
  )
  const isSetUp = placesOf(project).some(({ tools }) => tools.pytest !== undefined)
  const dependencies = project.python?.dependencies ?? []
  if (project.python?.django || calls.some(({ run }) => /\btests\.py\b/.test(run))) return true
  return calls.length === 0 && !isSetUp && !dependencies.includes("pytest")
}

/** The folder in which the team's CI runs the tests, where it holds them all; Django's are found by its manage.py. */
function folderOfTeam(project: Project, tests: readonly string[]): string | null {
  if (project.python?.django) return null
  const folder = jobOf(project, testOf(project))?.step.folder ?? null
  if (folder === null || !folder.startsWith(prefixOf(project.path))) return null
  return tests.every((file) => file.startsWith(prefixOf(folder))) ? folder : null
}

/** Tells whether pytest's settings or the team's CI ask for coverage: what coverage.py demands is then a gate of the tests. */
export function asksForCoverage({ declared, python }: Pick<Project, "declared" | "python">): boolean {
  const calls = declared.jobs.flatMap(({ steps }) => steps.filter(({ run }) => /\bpy\.?test\b/.test(run)))
  const words = [...(python?.pytest?.arguments ?? []), ...calls.flatMap(({ run }) => run.split(/\s+/))]
  return words.some((word) => /^--cov(?:$|[=-])/.test(word))
}
