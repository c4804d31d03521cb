import { groupBy } from "../../formats/group-by.js"
import { anyOf, either } from "../../formats/pattern.js"
import { commandBehind } from "../command-prefixes.js"
import { stepCommands } from "../shell-words.js"
import type { Declared, Job, LanguageVersions, Step } from "./found.js"

export type LanguageName = keyof LanguageVersions

/** Images of a language, with the version in the tag: `node:20-alpine`, `devcontainers/javascript-node:1-20-bookworm`. */
const IMAGES: Readonly<Record<LanguageName, RegExp>> = {
  node: /(?:^|\/|script-)node:(?:\d[\d.]*-(?=\d))?v?(\d[\d.]*|lts|current|latest)(?=[-@]|$)/,
  python: /(?:^|\/)python:(?:\d[\d.]*-(?=\d))?(\d[\d.]*)(?=[-@]|$)/,
}

/** Returns the version of a language in an image's name; empty for another image. */
export function languageVersion(language: LanguageName, image: string): readonly string[] {
  const version = IMAGES[language].exec(image)?.[1]
  return version === undefined ? [] : [version]
}

/** Matches a command that runs tests of Python with a runner, not through a tool such as tox. */
export const PYTHON_RUNNERS =
  /\b(?:py\.?test|unittest|(?:manage(?:\.py)?|django|django-admin)\s+test|stestr|nose2|trial)\b/

/** Names of a project's own programs that run its tests. */
const OWN_PROGRAMS = "run[-_]?(?:all[-_]?)?tests?|tests?|test[-_]?(?:runner|suite|all)"

/** Matches the path of a project's own program that runs its tests. */
export const TEST_PROGRAM = new RegExp(`(?:^|/)(?:${OWN_PROGRAMS})\\.py$`)

/** Matches a command that starts one: `python -Wd tests/runtests.py`. */
const STARTS_PROGRAM = new RegExp(
  String.raw`(?:\b(?:python[\d.]*|coverage\s+run)\s+(?:-\S+\s+)*|(?:^|\s)\./)(?:\S*/)?(?:${OWN_PROGRAMS})\.py(?=\s|$)`,
)

/** Matches a command that runs tests of Python itself, not through a tool such as tox. */
export const PYTHON_TESTS = anyOf([PYTHON_RUNNERS, STARTS_PROGRAM])

const TESTS = /\b(?:test|tests|t|check|vitest|jest|mocha|pytest|unittest|tox|nox)\b/
const PROGRAM = new RegExp(
  `^(?:${either(
    "npm npx pnpm yarn bun bunx node corepack pip poetry uv pdm pipenv hatch python3? pytest coverage tox nox make",
  )})$`,
)

/** Tells whether a command line starts a program that builds or tests, itself or behind others: `xvfb-run -a npm test`. */
const runsProgram = (run: string): boolean =>
  stepCommands(run).some((words) => {
    const behind = commandBehind(words).length
    return words.slice(0, words.length - behind + 1).some((word) => PROGRAM.test(word))
  })

/** Returns the steps of a job that run tests. */
export const testsIn = ({ steps }: Pick<Job, "steps">): readonly Step[] =>
  steps.filter(({ run }) => runsProgram(run) && TESTS.test(run))

/** What a file of the team's CI says of a language. */
export interface NamedVersion {
  readonly file: string
  /** One version, or several of a matrix: `18 || 20`. */
  readonly wanted: string
}

/** Returns what the team's CI and development containers run on, a file each. */
export const teamVersions = (
  { jobs, devcontainers }: Pick<Declared, "jobs" | "devcontainers">,
  language: LanguageName,
): readonly NamedVersion[] => [
  ...versionsIn(jobs, language),
  ...devcontainers.flatMap(({ file, versions }) => named(file, versions[language])),
]

/** The versions of the jobs that run tests, else of all that build: a job that publishes may keep to another. */
function versionsIn(jobs: readonly Job[], language: LanguageName): readonly NamedVersion[] {
  const running = jobs.filter(
    (job) => job.versions[language].length > 0 && job.steps.some(({ run }) => runsProgram(run)),
  )
  const testing = running.filter((job) => testsIn(job).length > 0)
  const counted = testing.length > 0 ? testing : running
  return [...groupBy(counted, ({ file }) => file)].flatMap(([file, own]) =>
    named(
      file,
      own.flatMap((job) => job.versions[language]),
    ),
  )
}

const named = (file: string, versions: readonly string[]): readonly NamedVersion[] =>
  versions.length === 0 ? [] : [{ file, wanted: [...new Set(versions)].join(" || ") }]

/** Returns the versions of a package manager that the team's CI installs, with their files. */
export const teamTools = ({ jobs }: Pick<Declared, "jobs">, tool: string): readonly NamedVersion[] => {
  const all = jobs.flatMap(({ file, tools }) => (tools[tool] ?? []).map((wanted) => ({ file, wanted })))
  return all.filter(({ wanted }, i) => all.findIndex((one) => one.wanted === wanted) === i)
}
