import { lineColumn, readYaml } from "../../config/yaml-position.js"
import { type JsonRecord, recordOf, recordsOf, textsOf } from "../../formats/json.js"
import { pathFrom } from "../paths.js"
import { withActions } from "./composite.js"
import { EXPRESSION, evaluated, isFalse, type Known, matrixOf, runsOf } from "./expressions.js"
import { bareService, type Env, type FoundService, type Job, READY_SECONDS, type Step } from "./found.js"
import { type LanguageName, languageVersion } from "./languages.js"
import { publishedPorts } from "./ports.js"
import { setUpBy } from "./set-up.js"
import { startedByAction } from "./started.js"
import { plain, shellSteps } from "./steps.js"
import { technologyOf } from "./technologies.js"
import { joined, mapValues, pairs, scalar } from "./values.js"

/**
 * Reads the jobs of a GitHub workflow: the services that run beside them, their variables, and what they run. Values that
 * only GitHub knows, such as secrets, are left out; of a matrix, the first value counts.
 *
 * @param files the actions of the repository, and files with versions that workflows name, by path.
 * @returns none for a file that is no valid YAML.
 * @see https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax
 */
export function readWorkflow(
  file: string,
  text: string,
  files: ReadonlyMap<string, string> = new Map(),
): readonly Job[] {
  return jobsOf({ file, text, ...readYaml(text) }, files)
}

/** A workflow that is read. */
type Workflow = ReturnType<typeof readYaml> & { readonly file: string; readonly text: string }

/** Reads workflows; those that run on changes come first: what runs on a schedule or by hand says less of a check. */
export function readWorkflows(
  texts: readonly (readonly [file: string, text: string])[],
  files: ReadonlyMap<string, string>,
): readonly Job[] {
  const all = texts.map(([file, text]) => ({ file, text, ...readYaml(text) }))
  const first = all.filter(({ value }) => runsOnChanges(recordOf(value)))
  return [...first, ...all.filter((one) => !first.includes(one))].flatMap((one) => jobsOf(one, files))
}

const CHANGES = ["push", "pull_request", "pull_request_target", "merge_group", "workflow_call"]

/** @see https://docs.github.com/actions/reference/workflows-and-actions/events-that-trigger-workflows */
function runsOnChanges({ on }: JsonRecord): boolean {
  const { push, ...others } = recordOf(on)
  const onTags = "tags" in recordOf(push) && !("branches" in recordOf(push))
  const events = [
    on,
    ...textsOf(on),
    ...Object.keys(others),
    ...(push === undefined || onTags ? [] : ["push"]),
  ]
  return events.some((event) => CHANGES.some((one) => one === event))
}

function jobsOf({ file, text, value, locate }: Workflow, files: ReadonlyMap<string, string>): readonly Job[] {
  const workflow = recordOf(value)
  return Object.entries(recordOf(workflow.jobs)).map(([name, described]) => {
    const job = withActions(recordOf(described), files)
    const known = knownOf(job, workflow)
    const services = Object.entries(recordOf(job.services)).flatMap(([host, service]) => {
      const line = lineColumn(text, locate(["jobs", name, "services", host], "key")).split(":")[0]
      return serviceOf(host, recordOf(service), known, `${file}:${line}`)
    })
    const started = recordsOf(job.steps)
      .filter((step) => !isFalse(step.if, known))
      .flatMap((step) => startedByAction(step, file) ?? [])
    return {
      file,
      name,
      services: [...services, ...started],
      steps: stepsOf(job, workflow, known),
      ...versionsOf(job, known, files),
    }
  })
}

/** What the expressions of a job may name. */
function knownOf(job: JsonRecord, workflow: JsonRecord): Known {
  const ports = Object.fromEntries(
    Object.entries(recordOf(job.services)).map(([name, service]) => [
      name,
      Object.fromEntries(portsOf(recordOf(service)).map(({ target, published }) => [target, published])),
    ]),
  )
  const known = { matrix: matrixOf(job), env: {}, ports }
  return { ...known, env: valuesOf({ ...pairs(workflow.env), ...pairs(job.env) }, known) }
}

/** GitHub takes a free port of the machine for one that stands alone, and tells its number in an expression. */
const portsOf = ({ ports }: JsonRecord): readonly { readonly target: number; readonly published: number }[] =>
  (Array.isArray(ports) ? ports : [])
    .flatMap(publishedPorts)
    .map(({ target, published }) => ({ target, published: published ?? target }))

const valuesOf = (env: Env, known: Known): Env => mapValues(env, (text) => evaluated(text, known))

function serviceOf(
  host: string,
  settings: JsonRecord,
  known: Known,
  source: string,
): readonly FoundService[] {
  const image = evaluated(scalar(settings.image) ?? "", known)
  if (image === null || image === "") return []
  const bare = bareService(host, image, technologyOf(image), source)
  const ports = portsOf(settings)
  const command = /--health-cmd[= ]+(?:"([^"]*)"|'([^']*)'|(\S+))/.exec(scalar(settings.options) ?? "")
  return [
    {
      ...bare,
      ports: ports.length > 0 ? ports.map(({ target }) => target) : bare.ports,
      published: Object.fromEntries(ports.map(({ target, published }) => [published, target])),
      env: valuesOf(pairs(settings.env), known),
      ready: {
        command: command?.slice(1).find(Boolean) ?? null,
        log: null,
        seconds: READY_SECONDS,
        decided: false,
      },
    },
  ]
}

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
function stepsOf(job: JsonRecord, workflow: JsonRecord, known: Known): Job["steps"] {
  let exported: Env = {}
  const usual = usualFolder(job) ?? usualFolder(workflow) ?? "."
  const set = { ...pairs(workflow.env), ...pairs(job.env) }
  return recordsOf(job.steps).flatMap((step) => {
    const folder = scalar(step["working-directory"]) ?? usual
    const all = runsOf(`${commandOf(step)} ${folder}`, job, known)
    const runs = all.map((one) =>
      stepIn(step, folder, { ...one, env: { ...valuesOf(set, { ...one, env: {} }), ...exported } }),
    )
    exported = { ...exported, ...runs[0]?.exported }
    return runs.flatMap(({ steps }, i) =>
      i === 0 ? steps : steps.map((one): Step => ({ ...one, leftOut: true })),
    )
  })
}

/** The command lines of a step in one run of its job, and the variables that it gives to those behind it. */
function stepIn(step: JsonRecord, usual: string, known: Known) {
  const run = commandOf(step).replace(EXPRESSION, (whole) => evaluated(whole, known) ?? "$expression")
  const env = { ...known.env, ...valuesOf(pairs(step.env), known) }
  const set = [...run.matchAll(/^\s*(?:export\s+)?([A-Za-z_]\w*)=(\S.*?)\s*$/gm)]
  const local = Object.fromEntries(set.map(([, name = "", value = ""]) => [name, value]))
  const exported = [...run.matchAll(EXPORTED)].flatMap(([, , name = "", value = ""]) => {
    const text = plain(value.replace(/^\$\{?(\w+)\}?$/, (whole, other) => local[other] ?? whole))
    return text === null ? [] : [[name, text] as const]
  })
  const folder = evaluated(usual, known)
  const uses = scalar(step.uses)
  const also = {
    ...(isFalse(step.if, { ...known, env }) ? { leftOut: true as const } : {}),
    ...(uses === null ? {} : { uses }),
  }
  const steps = shellSteps(run, { env, folder: folder === null ? null : pathFrom("", folder) })
  return { exported: Object.fromEntries(exported), steps: steps.map((one): Step => ({ ...one, ...also })) }
}

/** Returns the folder that `defaults` of a workflow or a job give to its steps; null without one. */
export const usualFolder = ({ defaults }: JsonRecord): string | null =>
  scalar(recordOf(recordOf(defaults).run)["working-directory"])

/** The versions of a job's languages, from the actions that set them up, else from its container; and of its tools. */
function versionsOf(
  job: JsonRecord,
  known: Known,
  files: ReadonlyMap<string, string>,
): Pick<Job, "versions" | "tools"> {
  const image = scalar(job.container) ?? scalar(recordOf(job.container).image) ?? ""
  const values = (text: string) => valuesIn(text, job, known)
  const found = joined(recordsOf(job.steps).map((step) => setUpBy(step, values, files)))
  const { node = [], python = [], ...tools } = found
  const ofImage = (language: LanguageName) => values(image).flatMap((name) => languageVersion(language, name))
  return {
    versions: {
      node: node.length > 0 ? node : ofImage("node"),
      python: python.length > 0 ? python : ofImage("python"),
    },
    tools,
  }
}

/** The values of a text for all that a matrix has. */
const valuesIn = (text: string, job: JsonRecord, known: Known): readonly string[] => [
  ...new Set(runsOf(text, job, known).flatMap((one) => evaluated(text, one) || [])),
]
