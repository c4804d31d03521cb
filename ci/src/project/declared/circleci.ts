import { readYaml } from "../../config/yaml-position.js"
import { isRecord, type JsonRecord, recordOf, recordsOf } from "../../formats/json.js"
import { baseName, pathFrom } from "../paths.js"
import { bareService, type Env, type FoundService, type Job, type Step } from "./found.js"
import { languageVersion } from "./languages.js"
import { shellSteps } from "./steps.js"
import { technologyOf } from "./technologies.js"
import { pairs, scalar, untagged, wordsOf } from "./values.js"

/** Where CircleCI reads a project's configuration: https://circleci.com/docs/configuration-reference/ */
export const CIRCLECI = ".circleci/config.yml"

/** How deep commands of a configuration may use each other. */
const DEEPEST = 4

/**
 * Returns the jobs of a configuration of CircleCI: the images beside their own, their variables, and what they run.
 * Parameters have their defaults, or the first value of a matrix; what orbs do is not known.
 *
 * @see https://circleci.com/docs/reference/configuration-reference/
 */
export function readCircle(text: string): readonly Job[] {
  const read = recordOf(readYaml(text).value)
  const configuration = recordOf(replaced(read, PIPELINE, [defaultsOf(read)]))
  return Object.entries(recordOf(configuration.jobs)).map(([name, described]) => {
    const uses = usesOf(configuration, name)
    const images = (uses.length > 0 ? uses : [{}]).map((one) => imageWith(described, configuration, one))
    const versions = {
      node: [...new Set(images.flatMap((one) => languageVersion("node", one)))],
      python: [...new Set(images.flatMap((one) => languageVersion("python", one)))],
    }
    const jobIn = (use: Env): Job => {
      const job = filled(recordOf(described), [use, defaultsOf(described)])
      const [own, ...beside] = imagesOf(job, configuration)
      const env = { ...pairs(own?.environment), ...pairs(job.environment) }
      return {
        file: CIRCLECI,
        name,
        services: beside.flatMap(serviceOf),
        steps: stepsOf(job.steps, configuration, env, DEEPEST),
        versions,
        tools: {},
      }
    }
    return { ...jobIn(uses[0] ?? {}), others: uses.slice(1).map(jobIn) }
  })
}

/** The parameters by which workflows call a job, a set for each run. */
function usesOf({ workflows }: JsonRecord, name: string): readonly Env[] {
  const calls = Object.values(recordOf(workflows)).flatMap((workflow) => recordsOf(recordOf(workflow).jobs))
  return calls
    .filter((call) => name in call)
    .flatMap((call) => {
      const { matrix, ...given } = recordOf(call[name])
      const axes = Object.entries(recordOf(recordOf(matrix).parameters))
      const longest = Math.max(1, ...axes.map(([, values]) => (Array.isArray(values) ? values.length : 1)))
      return Array.from({ length: longest }, (_, i) =>
        pairs({
          ...given,
          ...Object.fromEntries(
            axes.map(([axis, values]) => [axis, Array.isArray(values) ? (values[i] ?? values[0]) : values]),
          ),
        }),
      )
    })
}

const defaultsOf = (described: unknown): Env =>
  Object.fromEntries(
    Object.entries(recordOf(recordOf(described).parameters)).flatMap(([name, one]) => {
      const value = scalar(recordOf(one).default)
      return value === null ? [] : [[name, value]]
    }),
  )

const PIPELINE = /<<\s*pipeline\.parameters\.([\w-]+)\s*>>/g
const PARAMETER = /<<\s*parameters\.([\w-]+)\s*>>/g

/** Replaces parameters in the texts of a value of any depth; those without a value stay. */
function replaced(value: unknown, pattern: RegExp, sets: readonly Env[]): unknown {
  if (typeof value === "string")
    return value.replace(pattern, (whole, name: string) => sets.find((set) => name in set)?.[name] ?? whole)
  if (Array.isArray(value)) return value.map((one) => replaced(one, pattern, sets))
  if (!isRecord(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, replaced(one, pattern, sets)]))
}

const filled = (value: JsonRecord, sets: readonly Env[]): JsonRecord =>
  recordOf(replaced(value, PARAMETER, sets))

/** The images of a job, or those of its executor: its own first. */
function imagesOf(job: JsonRecord, configuration: JsonRecord): readonly JsonRecord[] {
  const name = scalar(job.executor) ?? scalar(recordOf(job.executor).name)
  const executor = name === null ? {} : recordOf(recordOf(configuration.executors)[name])
  const given = pairs(recordOf(job.executor))
  const all = filled(executor, [given, defaultsOf(executor)])
  return recordsOf(job.docker).length > 0 ? recordsOf(job.docker) : recordsOf(all.docker)
}

const imageWith = (described: unknown, configuration: JsonRecord, use: Env): string =>
  scalar(imagesOf(filled(recordOf(described), [use, defaultsOf(described)]), configuration)[0]?.image) ?? ""

function serviceOf(settings: JsonRecord): readonly FoundService[] {
  const image = scalar(settings.image) ?? ""
  if (image === "" || image.includes("<<")) return []
  const technology = technologyOf(image)
  const host = scalar(settings.name) ?? technology?.unasked?.host ?? baseName(untagged(image))
  const bare = bareService(host, image, technology, CIRCLECI)
  return [
    {
      ...bare,
      // All images of a job share its localhost.
      published: Object.fromEntries(bare.ports.map((port) => [port, port])),
      env: pairs(settings.environment),
      entrypoint: wordsOf(settings.entrypoint),
      command: wordsOf(settings.command),
    },
  ]
}

function stepsOf(steps: unknown, configuration: JsonRecord, env: Env, depth: number): readonly Step[] {
  const commands = recordOf(configuration.commands)
  const all: readonly unknown[] = Array.isArray(steps) ? steps.flat() : []
  return all.flatMap((step): readonly Step[] => {
    const [[name = "", given] = []] = isRecord(step) ? Object.entries(step) : [[scalar(step) ?? "", {}]]
    if (name === "run") return shellOf(given, env)
    const inner = name in commands ? recordOf(commands[name]) : null
    if (inner === null || depth === 0) return []
    const made = filled(inner, [pairs(recordOf(given)), defaultsOf(inner)])
    return stepsOf(made.steps, configuration, env, depth - 1)
  })
}

function shellOf(given: unknown, env: Env): readonly Step[] {
  const run = recordOf(given)
  const folder = scalar(run.working_directory) ?? ""
  return shellSteps(scalar(given) ?? scalar(run.command) ?? "", {
    env: { ...env, ...pairs(run.environment) },
    // The folder of a checkout has any name: `~/project`.
    folder: /^[~/]/.test(folder) ? "" : pathFrom("", folder),
  })
}
