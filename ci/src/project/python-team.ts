import { anyOf } from "../formats/pattern.js"
import type { Declared, Job } from "./declared/found.js"
import { PYTHON_TESTS } from "./declared/languages.js"
import { joinPath, pathFrom } from "./paths.js"
import { dependencyNames, nameOf } from "./python-names.js"
import { shellCommands } from "./shell-words.js"

/** What runs tests, linters and type checkers of Python. */
export const CHECKS = anyOf([PYTHON_TESTS, /\b(?:tox|nox|ruff|flake8|pylint|mypy|pyright|black|isort)\b/])

const PIP = /\bpip3?\s+install\b/
const FILE = /(?:\s-r\s*|\s--requirements?[=\s])["']?([\w./-]+)/g

/** The steps of checking jobs that install with pip. */
const pipSteps = (jobs: readonly Job[]) =>
  jobs
    .filter(({ steps }) => steps.some(({ run }) => CHECKS.test(run)))
    .flatMap(({ steps }) => steps.filter(({ run }) => PIP.test(run)))

/** Tells whether the team's CI installs with pip what it checks, and nowhere with a manager. */
export function teamUsesPip({ jobs }: Pick<Declared, "jobs">, manager: string): boolean {
  const own = new RegExp(String.raw`\b${manager}\s+(?:install|sync|run|add)\b`)
  const commands = jobs.flatMap(({ steps }) => steps.map(({ run }) => run))
  return pipSteps(jobs).length > 0 && !commands.some((run) => own.test(run))
}

/** Returns the commands by which the team's CI installs with pip, in a folder, for its checks. */
export const installsOf = ({ jobs }: Pick<Declared, "jobs">, project: string): readonly string[] =>
  pipSteps(jobs)
    .filter(({ folder }) => (folder ?? "") === project)
    .map(({ run }) => run)

/** Tools around the checks, which no test needs. */
const AROUND =
  /^(?:pip|setuptools|wheel|uv|tox[\w-]*|nox|poetry|pdm|pipenv|hatch|build|twine|virtualenv|coveralls|codecov[\w-]*|pre[-_]commit)\b/i

/** A requirement of an index: `pytest-cov`, `httpx[http2]>=0.27`, `tomli ; python_version < '3.11'`. */
const REQUIREMENT = /^[A-Za-z][\w.-]*(?:\[[\w, .-]*\])? *(?:(?:[=~!]=|[<>]=?)[\w.*,<>=!~ ]+)?(?: *;.*)?$/
/** Options of pip with a value as the next word. */
const VALUED =
  /^(?:-[rceiftCP]|--(?:requirements?|constraints?|editable|(?:extra-)?index-url|(?:default-)?index|find-links|target|prefix|root|python|group|extra|only-binary|no-binary|upgrade-(?:strategy|package)|config-settings?|platform|abi|resolution|exclude-newer))$/

/** Returns the packages that the team's CI installs with pip, beside files, in jobs that run tests. */
export function teamPackages({ jobs }: Pick<Declared, "jobs">, project: string): readonly string[] {
  // Other runs of a matrix may install what does not fit the first.
  const testing = jobs
    .map((job) => ({ ...job, steps: job.steps.filter(({ leftOut }) => !leftOut) }))
    .filter(({ steps }) => steps.some(({ run }) => PYTHON_TESTS.test(run) && !PIP.test(run)))
  const found: string[] = []
  for (const job of testing) {
    const words = packagesIn(installsOf({ jobs: [job] }, project))
    // What another job wants of the same package need not fit.
    const known = dependencyNames(found)
    found.push(...words.filter((word) => !known.includes(nameOf(word))))
  }
  return [...new Set(found)].filter((word) => !AROUND.test(word))
}

/** The requirements of an index that commands of pip name. */
const packagesIn = (runs: readonly string[]): readonly string[] =>
  runs.flatMap(shellCommands).flatMap((command) => {
    const at = command.indexOf("install")
    if (at === -1 || !command.slice(0, at).some((word) => /^(?:\S*\/)?pip3?$/.test(word))) return []
    return command
      .slice(at + 1)
      .filter((word, i, args) => REQUIREMENT.test(word) && !VALUED.test(args[i - 1] ?? ""))
  })

/** Returns the requirements files that the team's CI installs for its checks, relative to the project; empty if it names none. */
export function teamRequirements(
  { jobs }: Pick<Declared, "jobs">,
  files: readonly string[],
  project: string,
): readonly string[] {
  const named = pipSteps(jobs).flatMap(({ run, folder }) =>
    [...run.matchAll(FILE)].map(([, path = ""]) => pathFrom(folder ?? "", path)),
  )
  return files.filter((file) => named.includes(joinPath(project, file)))
}
