import { lineColumn, readYaml } from "../../config/yaml-position.js"
import { type JsonRecord, recordOf, recordsOf, textsOf } from "../../formats/json.js"
import { withActions } from "./composite.js"
import { evaluated, isFalse, type Known, runsOf } from "./expressions.js"
import { bareService, type FoundService, type Job, READY_SECONDS } from "./found.js"
import { type LanguageName, languageVersion } from "./languages.js"
import { axesIn, entriesByValue, entriesOf } from "./matrix.js"
import { publishedPorts } from "./ports.js"
import { setUpBy } from "./set-up.js"
import { startedByAction } from "./started.js"
import { technologyOf } from "./technologies.js"
import { joined, pairs, scalar } from "./values.js"
import { mayFail, stepsOf, valuesOf } from "./workflow-steps.js"

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
  const first = running(all)
  const others = all.filter((one) => !first.includes(one))
  return [
    ...first.flatMap((one) => jobsOf(one, files)),
    ...others.flatMap((one) => jobsOf(one, files).map(asApart)),
  ]
}

const asApart = (job: Job): Job => ({
  ...job,
  apart: true,
  ...(job.others === undefined ? {} : { others: job.others.map(asApart) }),
})

/** Returns the workflows that run on changes, and those that they call. */
function running(all: readonly Workflow[]): readonly Workflow[] {
  const byEvents = all.filter(({ value }) => runsOnChanges(recordOf(value)))
  const isOwn = ({ value }: Workflow) => events(recordOf(value)).some((event) => OWN_CHANGES.includes(event))
  const grow = (some: readonly Workflow[]): readonly Workflow[] => {
    const called = byEvents.filter(
      (one) => !some.includes(one) && some.some(({ text }) => text.includes(`/${one.file}`)),
    )
    return called.length === 0 ? some : grow([...some, ...called])
  }
  const found = grow(byEvents.filter(isOwn))
  return found.length === 0 ? byEvents : byEvents.filter((one) => found.includes(one))
}

const OWN_CHANGES = ["push", "pull_request", "pull_request_target", "merge_group"]
/** A workflow that is called is part of what calls it. */
const CHANGES = [...OWN_CHANGES, "workflow_call"]

/** @see https://docs.github.com/actions/reference/workflows-and-actions/events-that-trigger-workflows */
const runsOnChanges = (workflow: JsonRecord): boolean =>
  events(workflow).some((event) => CHANGES.includes(event))

function events({ on }: JsonRecord): readonly string[] {
  const { push, ...others } = recordOf(on)
  const onTags = "tags" in recordOf(push) && !("branches" in recordOf(push))
  return [
    ...(typeof on === "string" ? [on] : []),
    ...textsOf(on),
    ...Object.keys(others),
    ...(push === undefined || onTags ? [] : ["push"]),
  ]
}

function jobsOf({ file, text, value, locate }: Workflow, files: ReadonlyMap<string, string>): readonly Job[] {
  const workflow = recordOf(value)
  return Object.entries(recordOf(workflow.jobs)).map(([name, described]) => {
    const job = withActions(recordOf(described), files)
    const lineOf = (host: string) =>
      lineColumn(text, locate(["jobs", name, "services", host], "key")).split(":")[0] ?? ""
    const jobIn = (matrix: JsonRecord): Job => {
      const known = knownOf(job, workflow, matrix)
      const services = Object.entries(recordOf(job.services)).flatMap(([host, service]) =>
        serviceOf(host, recordOf(service), known, `${file}:${lineOf(host)}`),
      )
      const started = recordsOf(job.steps)
        .filter((step) => !isFalse(step.if, known))
        .flatMap((step) => startedByAction(step, file) ?? [])
      return {
        file,
        name,
        services: [...services, ...started],
        steps: stepsOf(job, workflow, known),
        ...versionsOf(job, known, files),
        ...(isApart(job, workflow, known) ? { apart: true } : {}),
      }
    }
    const all = entriesOf(job)
    const [first, ...others] = entriesByValue(all, pinnedBy(job)).slice(0, MOST_ENTRIES).map(jobIn)
    const machines = (all.length === 0 ? [{}] : all).flatMap((matrix) =>
      [job["runs-on"]].flat().flatMap((one) => evaluated(scalar(one) ?? "", { ...NOTHING, matrix }) || []),
    )
    return {
      ...(first ?? jobIn({})),
      others: others.map((one) => ({ ...one, steps: one.steps.filter(({ leftOut }) => !leftOut) })),
      machines: [...new Set(machines)],
    }
  })
}

const NOTHING: Known = { matrix: {}, env: {}, ports: {} }

/** Entries of a matrix that are looked at. */
const MOST_ENTRIES = 40

/** Inputs of actions that say which version of a language runs. */
const VERSIONS = /(?:node|python|bun)-version/

/** Returns the names of a job's matrix that only say on which machine and version of a language it runs. */
function pinnedBy(job: JsonRecord): ReadonlySet<string> {
  const setUp = recordsOf(job.steps).flatMap((step) =>
    Object.entries(recordOf(step.with)).flatMap(([name, value]) => (VERSIONS.test(name) ? [value] : [])),
  )
  return new Set(axesIn([job["runs-on"], job.container, ...setUp]))
}

/** A condition under which a job does not judge a change. */
const APART = /==\s*'(?:schedule|workflow_dispatch|release)'|startsWith\(github\.ref,\s*'refs\/tags/

/** Tells whether a job does not judge a change. */
const isApart = (job: JsonRecord, workflow: JsonRecord, known: Known): boolean =>
  !runsOnChanges(workflow) ||
  isFalse(job.if, known) ||
  APART.test(scalar(job.if) ?? "") ||
  mayFail(job, known)

/** What the expressions of a job may name. @param matrix an entry of its matrix. */
function knownOf(job: JsonRecord, workflow: JsonRecord, matrix: JsonRecord): Known {
  const ports = Object.fromEntries(
    Object.entries(recordOf(job.services)).map(([name, service]) => [
      name,
      Object.fromEntries(portsOf(recordOf(service)).map(({ target, published }) => [target, published])),
    ]),
  )
  const known = { matrix, env: {}, ports }
  return { ...known, env: valuesOf({ ...pairs(workflow.env), ...pairs(job.env) }, known) }
}

/** GitHub takes a free port of the machine for one that stands alone, and tells its number in an expression. */
const portsOf = ({ ports }: JsonRecord): readonly { readonly target: number; readonly published: number }[] =>
  (Array.isArray(ports) ? ports : [])
    .flatMap(publishedPorts)
    .map(({ target, published }) => ({ target, published: published ?? target }))

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
