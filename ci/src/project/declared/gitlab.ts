import { type JsonRecord, recordOf, recordsOf } from "../../formats/json.js"
import { WORKDIR } from "../../run/stage.js"
import { bareService, type Env, type FoundService, type Job, type LanguageVersions } from "./found.js"
import type { GitlabConfiguration } from "./gitlab-configuration.js"
import { languageVersion } from "./languages.js"
import { shellSteps } from "./steps.js"
import { technologyOf } from "./technologies.js"
import { expanded, mapValues, scalar, scriptLines, untagged, wordsOf } from "./values.js"

/** Variables of GitLab itself whose value can be told. A proxy for images changes only where they come from. */
const PREDEFINED: Env = {
  CI: "true",
  GITLAB_CI: "true",
  CI_PROJECT_DIR: WORKDIR,
  CI_DEPENDENCY_PROXY_GROUP_IMAGE_PREFIX: "",
  CI_DEPENDENCY_PROXY_DIRECT_GROUP_IMAGE_PREFIX: "",
}

/**
 * Returns the jobs of a configuration of GitLab CI: the services that run beside them, their variables, and what they
 * run. Values that only GitLab knows are left out; of a matrix, the first values count.
 *
 * @see https://docs.gitlab.com/ci/yaml/
 */
export function gitlabJobs(read: GitlabConfiguration): readonly Job[] {
  return Object.entries(read.jobs).flatMap(([name, job]): readonly Job[] => {
    const steps = [...scriptLines(job.before_script), ...scriptLines(job.script)]
    if (steps.length === 0) return []
    const file = read.files[name] ?? ""
    const jobIn = ({ env, unknown }: Variables): Job => ({
      file,
      name,
      services: listOf(job.services).flatMap((service, i) =>
        serviceOf(service, env, read.placeOf(job.services, i) ?? file),
      ),
      steps: shellSteps(steps.join("\n"), { env, unknown, folder: "" }),
      versions: versionsOf(job, read),
      tools: {},
      ...(job.when === "manual" || job.allow_failure === true ? { apart: true } : {}),
    })
    const [first = NO_VARIABLES, ...others] = environments(job, read)
    return [{ ...jobIn(first), others: others.map(jobIn) }]
  })
}

/** The variables of a job, and the names of those whose value only GitLab knows. */
interface Variables {
  readonly env: Env
  readonly unknown: readonly string[]
}

const NO_VARIABLES: Variables = { env: {}, unknown: [] }

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

/** The variables of a job, for each run of its matrix. */
function environments(job: JsonRecord, { variables }: GitlabConfiguration): readonly Variables[] {
  const { variables: wanted } = recordOf(job.inherit)
  const global = Object.entries(variables).filter(
    ([name]) => wanted !== false && (!Array.isArray(wanted) || wanted.includes(name)),
  )
  const plain = textsOf({ ...Object.fromEntries(global), ...recordOf(job.variables) })
  const matrix = recordsOf(recordOf(job.parallel).matrix).flatMap(runsOf)
  return (matrix.length > 0 ? matrix : [{}]).map((run) => {
    const env = settled({ ...plain, ...run })
    return { env, unknown: Object.keys({ ...plain, ...run }).filter((name) => !(name in env)) }
  })
}

/** A value stands alone, or with a description for people: `{ value, description }`. */
const textsOf = (variables: JsonRecord): Env =>
  mapValues(variables, (each) => scalar(each) ?? scalar(recordOf(each).value))

/** As many runs as the longest list of values has: each value is in one of them. */
function runsOf(axes: JsonRecord): readonly Env[] {
  const lists = Object.entries(axes).map(
    ([name, values]) =>
      [name, (Array.isArray(values) ? values : [values]).flatMap((each) => scalar(each) ?? [])] as const,
  )
  const most = Math.max(...lists.map(([, values]) => values.length), 0)
  return Array.from({ length: most }, (_, i) =>
    Object.fromEntries(
      lists.flatMap(([name, values]) =>
        values.length > 0 ? [[name, values[Math.min(i, values.length - 1)] ?? ""]] : [],
      ),
    ),
  )
}

/** How deep variables may be made of others. */
const ROUNDS = 4

/** Replaces variables in variables; a variable whose value cannot be known here is left out. */
function settled(env: Env): Env {
  let known = env
  for (let i = 0; i < ROUNDS; i++)
    known = mapValues(known, (text) => expanded(text, { ...PREDEFINED, ...known }))
  return known
}

/** The name of an image with its variables replaced; null where one has no value that can be told. */
const imageOf = (value: unknown, env: Env): string | null =>
  expanded(scalar(value) ?? scalar(recordOf(value).name) ?? "", { ...PREDEFINED, ...env })?.replace(
    /^\/+/,
    "",
  ) || null

/** Runs containers for the job itself. */
const DOCKER = /(?:^|\/)docker(?=[:@]|$)/

function serviceOf(described: unknown, env: Env, source: string): readonly FoundService[] {
  const settings = recordOf(described)
  const image = imageOf(described, env)
  if (image === null || DOCKER.test(image)) return []
  const [host = "", ...aliases] = [...new Set([...aliasesOf(settings.alias), ...hostNames(image)])]
  const bare = bareService(host, image, technologyOf(image), source)
  return [
    {
      ...bare,
      aliases,
      published: Object.fromEntries(bare.ports.map((port) => [port, port])),
      // A service gets the variables of its job as well.
      env: { ...env, ...settled({ ...env, ...textsOf(recordOf(settings.variables)) }) },
      entrypoint: wordsOf(settings.entrypoint),
      command: wordsOf(settings.command),
    },
  ]
}

/** Several names stand in one text, with commas or spaces between them. */
const aliasesOf = (alias: unknown): readonly string[] => (scalar(alias) ?? "").split(/[\s,]+/).filter(Boolean)

/**
 * Returns the host names that a service has by its image: without its tag and the registry's port, with `__` for a slash,
 * and with `-` for one.
 *
 * @see https://docs.gitlab.com/ci/services/#accessing-the-services
 */
export function hostNames(image: string): readonly string[] {
  const path = untagged(image).replace(/:\d+(?=\/)/, "")
  return [path.replaceAll("/", "__"), path.replaceAll("/", "-")]
}

/** The versions of languages in the images that a job runs in, for all of its matrix. */
function versionsOf(job: JsonRecord, read: GitlabConfiguration): LanguageVersions {
  const images = environments(job, read).flatMap(({ env }) => imageOf(job.image, env) ?? [])
  const found = (language: keyof LanguageVersions) => [
    ...new Set(images.flatMap((image) => languageVersion(language, image))),
  ]
  return { node: found("node"), python: found("python") }
}
