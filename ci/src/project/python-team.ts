import type { Declared, Job } from "./declared/found.js"
import { joinPath, pathFrom } from "./paths.js"

/** What runs tests, linters and type checkers of Python. */
const CHECKS = /\b(?:pytest|tox|nox|unittest|ruff|flake8|pylint|mypy|pyright|black|isort|manage\.py\s+test)\b/

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
