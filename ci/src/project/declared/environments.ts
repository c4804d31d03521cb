import { oneLine } from "../../formats/clean.js"
import { groupBy } from "../../formats/group-by.js"
import { behindPrefixes } from "../command-prefixes.js"
import { fansOut } from "../fan-out.js"
import type { Project, Unchecked, Workspace } from "../project.js"
import { isForOthers } from "../reach.js"
import { programsIn } from "../scripts.js"
import { ASSIGNMENT, stepCommands } from "../shell-words.js"
import { checkingJobs } from "./checking-jobs.js"
import { ofTests } from "./environment.js"
import { type Entry, labelOf } from "./environment-label.js"
import { machineSetUp } from "./environment-machine.js"
import { absentService } from "./environment-services.js"
import { installsOf, picksOf } from "./environment-steps.js"
import type { Job, Step } from "./found.js"
import { callsIn, folderOfCall, jobOf, type Runs, stepsThatRun, type TestScript } from "./scripts.js"
import { plain } from "./steps.js"
import { untagged } from "./values.js"

/** The environments in which the team's CI runs the same tests: jobs and entries of a matrix that differ by variables. */

/** An environment that tests run in beside their usual one. */
export interface Environment {
  /** Follows the name of the stage: `[TZ=Asia/Tokyo]`. */
  readonly label: string
  readonly runs: Runs
}

/** The environments of a test script. */
export interface Environments {
  readonly others: readonly Environment[]
  /** Those that tests do not run in here, each with the reason. */
  readonly unchecked: readonly Unchecked[]
}

const NONE: Environments = { others: [], unchecked: [] }

/**
 * Returns the environments in which the team's CI runs a test script beside the usual one.
 *
 * @param most how many environments it runs in, the usual one among them.
 */
export function environmentsOf(project: Project, test: TestScript, most: number): Environments {
  const usual = jobOf(project, test)
  if (usual === null) return NONE
  const first = entryOf(usual)
  const entries = runsOf(project, test).map(entryOf)
  const apart = entries.filter(
    (one, i) =>
      !isSame(first, one) && !isLess(one, first) && !entries.slice(0, i).some((other) => isSame(other, one)),
  )
  const judged = apart.map((entry) => ({ entry, reason: whyNot(project, test, entry, first) }))
  const fit = judged.filter(({ reason }) => reason === null).map(({ entry }) => entry)
  const chosen = fit.slice(0, Math.max(0, most - 1))
  const labels = labelsOf(first, fit)
  return {
    others: chosen.map((entry) => ({ label: labels.get(entry) ?? "", runs: entry.runs })),
    unchecked: [
      ...grouped(
        textOf(project, test),
        judged.flatMap(({ entry, reason }) => {
          const why = reason ?? (chosen.includes(entry) ? null : tooMany(most))
          return why === null ? [] : [{ label: labelOf(entry, first), runs: entry.runs, why }]
        }),
      ),
      ...machinesUnchecked(project, test),
    ],
  }
}

const tooMany = (most: number): string =>
  `tests run in ${most} of the environments of the team's CI: \`tests.environments\` in slipway.yaml says in how many`

/** Returns where an environment is from, for a reader of the plan. */
export const ofJob = ({ job }: Runs): string => `as in the job ${job.name} of ${job.file}`

const textOf = ({ language }: Project, { script }: TestScript): string =>
  language === "python" ? script : `the script ${script}`

/** An environment that tests do not run in, and why. */
interface Left extends Environment {
  readonly why: string
}

/** Environments that a line of the report shows. */
const SHOWN = 6

/** Names environments that tests do not run in, those of one reason together. */
const grouped = (tests: string, left: readonly Left[]): readonly Unchecked[] =>
  [...groupBy(left, ({ why }) => why)].map(([reason, all]) => {
    const labels = [...new Set(all.map(({ label }) => label))]
    const more = labels.length > SHOWN ? ` and ${labels.length - SHOWN} more` : ""
    const jobs = [...new Set(all.map(({ runs }) => ofJob(runs)))]
    return { what: `${tests} with ${labels.slice(0, SHOWN).join(", ")}${more}, ${jobs[0]}`, reason }
  })

/** Machines on which no stage runs. */
const OTHER_MACHINES = /^(?:windows|macos)\b/

/** Returns the machines of other systems on which the team's CI runs a test script. */
function machinesUnchecked(project: Project, test: TestScript): readonly Unchecked[] {
  const stepsOf = stepsThatRun(project, test.workspace, test.script)
  return judging(project).flatMap((job) => {
    const others = (job.machines ?? []).filter((one) => OTHER_MACHINES.test(one))
    const [step] = others.length === 0 ? [] : stepsOf(job)
    if (step === undefined || isForOthers(step.run, test.workspace)) return []
    const what = `${textOf(project, test)} on ${others.join(", ")}, ${ofJob({ job, step })}`
    return [{ what, reason: "stages run on Linux" }]
  })
}

const entryOf = (runs: Runs): Entry => {
  const { env, unknown = [] } = runs.step
  const named = Object.fromEntries(unknown.map((name) => [name, "?"]))
  return {
    runs,
    env: ofTests(env),
    unknown: Object.keys(ofTests(named)),
    services: runs.job.services.map(({ image }) => untagged(image)).toSorted(),
  }
}

const keyOf = ({ env, unknown, services }: Entry): string =>
  JSON.stringify([Object.entries(env).toSorted(), unknown.toSorted(), services])

const isSame = (one: Entry, other: Entry): boolean => keyOf(one) === keyOf(other)

/** Tells whether a run has fewer services than another and no variable that it has not: it runs some of the same tests. */
const isLess = (one: Entry, other: Entry): boolean =>
  one.services.length === 0 &&
  other.services.length > 0 &&
  Object.entries(one.env).every(([name, value]) => other.env[name] === value)

/** The jobs that judge a change, of which some entries of a matrix may not. */
const judging = ({ declared }: Project): readonly Job[] =>
  checkingJobs(declared).filter(({ apart, others = [] }) => !apart || others.some((one) => !one.apart))

/** Returns all runs of a test script in the jobs that judge a change. */
function runsOf(project: Project, test: TestScript): readonly Runs[] {
  const { workspace, script } = test
  const stepsOf = stepsThatRun(project, workspace, script)
  return judging(project)
    .filter(
      ({ machines = [] }) => machines.length === 0 || !machines.every((one) => OTHER_MACHINES.test(one)),
    )
    .flatMap((job) => [job, ...(job.others ?? [])])
    .filter(({ apart }) => !apart)
    .flatMap((job) =>
      stepsOf(job)
        .filter((step) => counts(step, project, workspace))
        .flatMap((step) => inScripts(step, project, test).map((own) => withStep(job, step, own))),
    )
}

/** Tells whether a step runs the tests of a package and counts: at the root, a command may be the root's own. */
const counts = (step: Step, { root, language }: Project, workspace: Workspace): boolean =>
  !step.leftOut &&
  !step.optional &&
  !/\|\|\s*(?:true|:)|\bnox\b/.test(step.run) &&
  !isForOthers(step.run, workspace) &&
  (language === "python" ||
    folderOfCall(step) === workspace.path ||
    programsIn(root.scripts, step.run).some(fansOut))

/** A job with another step in the place of one. */
const withStep = (job: Job, step: Step, own: Step): Runs => ({
  job: { ...job, steps: job.steps.map((one) => (one === step ? own : one)) },
  step: own,
})

/** A step with the variables that the script which it calls sets: `"test:tz": "TZ=Asia/Tokyo npm test"`. */
function inScripts(step: Step, { root }: Project, { workspace, script }: TestScript): readonly Step[] {
  const { scripts } = folderOfCall(step) === workspace.path ? workspace : root
  const [called = script] = callsIn(step.run, Object.keys(scripts))
  const text = called === script ? "" : (scripts[called] ?? "")
  const commands = stepCommands(text).map((words) => behindPrefixes(words, () => false))
  const sets = commands.filter(({ assigned, command }) => assigned.length > 0 && command.length > 0)
  if (sets.length === 0 || sets.length < commands.length) return [step]
  return sets.map(({ assigned }) => ({
    ...step,
    env: { ...step.env, ...Object.fromEntries(assigned.flatMap(variableIn)) },
  }))
}

function variableIn(word: string): readonly (readonly [string, string])[] {
  const [, name = "", value = ""] = ASSIGNMENT.exec(word) ?? []
  const text = plain(value)
  return name === "" || text === null ? [] : [[name, text]]
}

/** Says why tests do not run in an environment here; null where they do. */
function whyNot(project: Project, test: TestScript, entry: Entry, first: Entry): string | null {
  const unknown = entry.unknown.filter((name) => !first.unknown.includes(name))
  if (unknown.length > 0) return `only the CI vendor knows the value of ${unknown.join(", ")}`
  if (entry.runs.step.otherPackages) return "tox installs other packages for it than for the usual tests"
  const [install] = installsOf(entry.runs).filter((line) => !installsOf(first.runs).includes(line))
  if (install !== undefined) return `its job installs other packages: \`${install}\``
  const usual = machineSetUp(first.runs, project.files)
  const [setUp] = machineSetUp(entry.runs, project.files).filter((line) => !usual.includes(line))
  if (setUp !== undefined)
    return `its job sets its machine up as nothing here does: \`${oneLine(setUp, LONGEST)}\``
  const [pick] = picksOf(entry.runs.step, first.runs.step, test.workspace)
  if (pick !== undefined) return `its command runs a part of the tests: \`${pick}\``
  const changed = Object.entries(entry.env).filter(([name, value]) => first.env[name] !== value)
  const absent = absentService(project, { ...test, runs: entry.runs }, Object.fromEntries(changed))
  return absent === null ? null : `${absent} is not here: write it under \`services\` into slipway.yaml`
}

/** Characters of a command that a reason shows. */
const LONGEST = 70

/** The label of each environment; another one of the same label has its job's name as well. */
function labelsOf(first: Entry, entries: readonly Entry[]): ReadonlyMap<Entry, string> {
  const labels = entries.map((entry) => labelOf(entry, first, entries))
  return new Map(
    entries.map((entry, i) => {
      const label = labels[i] ?? ""
      const same = labels.slice(0, i).filter((one) => one === label).length
      const again = same === 0 ? "" : `, ${entry.runs.job.name} ${same + 1}`
      return [entry, `[${label}${again}]`]
    }),
  )
}
