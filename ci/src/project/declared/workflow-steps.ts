import { type JsonRecord, recordOf, recordsOf } from "../../formats/json.js"
import { pathFrom } from "../paths.js"
import { EXPRESSION, evaluated, isFalse, type Known, runsOf } from "./expressions.js"
import type { Env, Job, Step } from "./found.js"
import { plain, shellSteps } from "./steps.js"
import { mapValues, pairs, scalar } from "./values.js"

/** The steps of a job of GitHub. */

/** Returns variables with their expressions replaced; leaves out those whose value only GitHub knows. */
export const valuesOf = (env: Env, known: Known): Env => mapValues(env, (text) => evaluated(text, known))

/** Tells whether the failure of a job or step fails nothing. */
export const mayFail = ({ "continue-on-error": may }: JsonRecord, known: Known): boolean =>
  evaluated(scalar(may) ?? "", known) === "true"

/** Actions that install packages of the system: `awalsh128/cache-apt-pkgs-action`. */
const APT_ACTION = /^[^/]+\/[\w-]*\bapt\b[\w-]*(?:@|$)/

/** Returns the commands of a step, or those that an action stands for which installs packages of the system; "" for others. */
function commandOf(step: JsonRecord): string {
  const { packages } = pairs(recordOf(step.with))
  const byAction = packages && APT_ACTION.test(scalar(step.uses) ?? "") ? `apt-get install ${packages}` : ""
  return scalar(step.run) ?? byAction
}

/** A line that gives a variable to the steps behind it: `echo "A=b" >> $GITHUB_ENV`. */
const EXPORTED = /echo\s+(["']?)([A-Za-z_]\w*)=(.*?)\1\s*>>\s*"?\$\{?GITHUB_ENV\b/g

/** Returns the steps of a job; those that only other runs of its matrix have, by their command or folder, as left out. */
export function stepsOf(job: JsonRecord, workflow: JsonRecord, known: Known): Job["steps"] {
  let exported: Env = {}
  const usual = usualFolder(job) ?? usualFolder(workflow) ?? "."
  const set = { ...pairs(workflow.env), ...pairs(job.env) }
  return recordsOf(job.steps).flatMap((step) => {
    const folder = scalar(step["working-directory"]) ?? usual
    const all = runsOf(`${commandOf(step)} ${folder}`, job, known)
    const runs = all.map((one) =>
      stepIn(step, folder, set, { ...one, env: { ...valuesOf(set, { ...one, env: {} }), ...exported } }),
    )
    exported = { ...exported, ...runs[0]?.exported }
    return runs.flatMap(({ steps }, i) =>
      i === 0 ? steps : steps.map((one): Step => ({ ...one, leftOut: true })),
    )
  })
}

/** The command lines of a step in one run of its job, and the variables that it gives to those behind it. */
function stepIn(step: JsonRecord, usual: string, set: Env, known: Known) {
  const run = commandOf(step).replace(EXPRESSION, (whole) => evaluated(whole, known) ?? "$expression")
  const own = pairs(step.env)
  const env = { ...known.env, ...valuesOf(own, known) }
  const unknown = Object.keys({ ...set, ...own }).filter((name) => !(name in env))
  const lines = [...run.matchAll(/^\s*(?:export\s+)?([A-Za-z_]\w*)=(\S.*?)\s*$/gm)]
  const local = Object.fromEntries(lines.map(([, name = "", value = ""]) => [name, value]))
  const exported = [...run.matchAll(EXPORTED)].flatMap(([, , name = "", value = ""]) => {
    const text = plain(value.replace(/^\$\{?(\w+)\}?$/, (whole, other) => local[other] ?? whole))
    return text === null ? [] : [[name, text] as const]
  })
  const folder = evaluated(usual, known)
  const uses = scalar(step.uses)
  const also = {
    ...(isFalse(step.if, { ...known, env }) ? { leftOut: true as const } : {}),
    ...(mayFail(step, known) ? { optional: true as const } : {}),
    ...(uses === null ? {} : { uses }),
  }
  const steps = shellSteps(run, { env, unknown, folder: folder === null ? null : pathFrom("", folder) })
  return { exported: Object.fromEntries(exported), steps: steps.map((one): Step => ({ ...one, ...also })) }
}

/** Returns the folder that `defaults` of a workflow or a job give to its steps; null without one. */
export const usualFolder = ({ defaults }: JsonRecord): string | null =>
  scalar(recordOf(recordOf(defaults).run)["working-directory"])
