import { oneLine } from "../formats/clean.js"
import { groupBy } from "../formats/group-by.js"
import { checkingJobs } from "../project/declared/checking-jobs.js"
import type { Step } from "../project/declared/found.js"
import { PRE_COMMIT } from "../project/declared/pre-commit.js"
import { folderOfCall } from "../project/declared/scripts.js"
import { hasManifest, packagesOf } from "../project/packages.js"
import type { Project, Repository, Unchecked, Workspace } from "../project/project.js"
import { doesWorkOf, isOf, RUNNERS, textOf } from "../project/same-work.js"
import { type Program, programsIn, writesFiles } from "../project/scripts.js"
import { isNxDone, nxChecksIn } from "./nx-checks.js"
import type { Stage } from "./stage.js"
import { hooksUnchecked, isPythonDone, pythonChecksIn } from "./team-python.js"
import { hasStage, programsRun } from "./team-scripts.js"

/** Programs, or words of theirs, that check code. A stage does the work of those in {@link kindsOf}, and of no others. */
const CHECKS = [
  ...RUNNERS,
  ...`
  eslint, oxlint, biome, standard, xo, prettier, dprint, tsc, vue-tsc, svelte-check, knip, depcheck,
  playwright test, cypress run, moon ci, moon check, deno test, deno check, deno lint, deno fmt, deno task, stylelint, publint,
  attw, tsd, tstyche, dtslint, size-limit, bundlewatch, actionlint, cspell, markdownlint, markdownlint-cli2,
  vale, typos, editorconfig-checker, ls-lint, syncpack, sherif, manypkg check, newman, hurl, lychee,
  shellcheck, yamllint, helm lint, redocly lint, spectral lint, buf lint, prisma validate, drizzle-kit check,
  api-extractor run, dependency-cruiser, depcruise, madge, lhci, pa11y-ci, test-storybook, npm --dry-run,
  pnpm --dry-run, yarn --dry-run, jsr --dry-run, git --exit-code, git --quiet, docker --exit-code-from,
  docker --abort-on-container-exit, docker-compose --exit-code-from,
  docker-compose --abort-on-container-exit
  `
    .trim()
    .split(/,\s+/),
]

/** A file that checks something, by its name, which a program runs: `node test/smoke.mjs`. */
const CHECKING_FILE =
  /(?:^|[/._-])(?:tests?|smoke|checks?|verify|validate|lint)(?:[._-][\w.-]*)?\.[cm]?[jt]sx?$/
const RUN_FILES = ["node", "tsx", "ts-node", "bun", "deno"]

/** Actions of GitHub that check code, and that no stage does the work of. */
const ACTIONS =
  /^(?:docker:\/\/)?(?:cypress-io\/github-action|rhysd\/actionlint|raven-actions\/actionlint|streetsidesoftware\/cspell-action|crate-ci\/typos|davidanson\/markdownlint|ls-lint\/action|lycheeverse\/lychee-action|(?:github|super-linter)\/super-linter|oxsecurity\/megalinter|chromaui\/action|treosh\/lighthouse-ci-action|preactjs\/compressed-size-action|andresz1\/size-limit-action|stoplightio\/spectral-action|bufbuild\/buf-action|ludeeus\/action-shellcheck|ibiqlik\/action-yamllint)/i

/** Characters of a command that a plan shows. */
const LONGEST = 70

/** Returns the checks that the team's CI runs by a command or an action, not by a script of a package, and no stage does. */
export function commandsUnchecked(
  { projects }: Pick<Repository, "projects">,
  stages: readonly Stage[],
): readonly Unchecked[] {
  const packages = projects.filter(hasManifest).flatMap(packagesOf)
  const run = packages.flatMap((one) => programsRun(one, stages))
  const isDone = (one: Program) =>
    isRunBy(one, run) ||
    hasStage(one, stages) ||
    isPythonDone(one, stages) ||
    isNxDone(one, { packages, stages, run })
  const found = jobsOf(projects).flatMap(({ file, steps }) =>
    steps.flatMap((step) => [
      ...(ACTIONS.test(step.uses ?? "") ? [{ file, text: step.uses ?? "" }] : []),
      ...checksOf(step, packages)
        .filter((one) => !isDone(one))
        .map((one) => ({ file, text: shown(one) })),
    ]),
  )
  const commands = [...groupBy(found, ({ file }) => file)].flatMap(([file, all]) =>
    [...new Set(all.map(({ text }) => text))].map((text) => ({
      what: `\`${text}\`, which ${file} runs`,
      reason: "no stage runs it; describe it under `custom` in slipway.yaml",
    })),
  )
  return [...commands, ...hooksUnchecked(projects, stages)]
}

/** The jobs that check the code of projects, each once: projects of a repository share its CI. */
const jobsOf = (projects: readonly Project[]) => [
  ...new Map(
    projects
      .flatMap((project) => checkingJobs(project.declared))
      .filter(({ file }) => file !== PRE_COMMIT)
      .map((job) => [`${job.file} ${job.name}`, job] as const),
  ).values(),
]

/** A script that is the name of a program, as `"nx": "nx"`: its arguments say what it does. */
const ALIAS = /^\S+$/

/** The checks that a step starts by itself, not by a script of a package. `git diff --quiet` is one where its line ends the step. */
function checksOf(step: Step, packages: readonly Workspace[]): readonly Program[] {
  const folder = folderOfCall(step)
  const { scripts = {} } = packages.find(({ path }) => path === (folder ?? "")) ?? {}
  const nothing = Object.fromEntries(
    Object.entries(scripts).map(([name, text]) => [name, ALIAS.test(text) ? text : ""]),
  )
  const programs = programsIn(nothing, step.run)
  const ends = programs.some(({ name }) => name === "exit")
  return [
    ...programs.filter((one) => isCheck(one) && (ends || !isOf(one, "git --quiet"))),
    ...programs.flatMap(nxChecksIn),
    ...pythonChecksIn(step.run),
  ]
}

/** Tells whether a program checks something: a known one, that neither repairs nor only tells its version; or a file that checks. */
const isCheck = (one: Program): boolean =>
  !writesFiles({ one: textOf(one) }, "one") &&
  !one.args.some((arg) => /^(?:--version|-v|--help|install|--build)$/.test(arg)) &&
  (CHECKS.some((named) => isOf(one, named)) ||
    (RUN_FILES.includes(one.name) && one.args.some((arg) => CHECKING_FILE.test(arg))))

/** Tells whether stages start a program that does the same: the same checks of tests, or the same file. */
function isRunBy(one: Program, run: readonly Program[]): boolean {
  const file = one.args.find((arg) => CHECKING_FILE.test(arg))
  return run.some(
    (other) =>
      doesWorkOf(other, one) ||
      (file !== undefined && RUN_FILES.includes(one.name) && other.args.includes(file)),
  )
}

const shown = (program: Program): string => oneLine(textOf(program), LONGEST)
