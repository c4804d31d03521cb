import { readYaml } from "../../config/yaml-position.js"
import { type JsonRecord, recordOf, recordsOf } from "../../formats/json.js"
import { pathFrom } from "../paths.js"
import { scalar } from "./values.js"

/** How deep actions of a repository may use each other. */
const DEEPEST = 4

/**
 * Replaces steps that use an action of the repository by the steps of that action.
 *
 * @param files the texts of actions, by path.
 * @see https://docs.github.com/actions/reference/workflows-and-actions/metadata-syntax
 */
export const withActions = (job: JsonRecord, files: ReadonlyMap<string, string>): JsonRecord =>
  Array.isArray(job.steps)
    ? { ...job, steps: recordsOf(job.steps).flatMap((step) => stepsOf(step, files, DEEPEST)) }
    : job

function stepsOf(step: JsonRecord, files: ReadonlyMap<string, string>, depth: number): readonly JsonRecord[] {
  const uses = scalar(step.uses) ?? ""
  const folder = uses.startsWith("./") ? pathFrom("", uses) : null
  const text = ["action.yml", "action.yaml"]
    .map((name) => files.get(`${folder}/${name}`))
    .find((one) => one !== undefined)
  if (folder === null || text === undefined || depth === 0) return [step]
  const action = recordOf(readYaml(text).value)
  const inputs = inputsOf(action, recordOf(step.with))
  return recordsOf(recordOf(action.runs).steps)
    .map((one) => recordOf(filled(one, inputs)))
    .flatMap((one) => stepsOf(one, files, depth - 1))
}

/** The inputs of an action, as a step sets them, else with their defaults. */
function inputsOf(action: JsonRecord, given: JsonRecord): ReadonlyMap<string, string> {
  const defaults = Object.entries(recordOf(action.inputs)).map(
    ([name, input]) => [name, recordOf(input).default] as const,
  )
  return new Map(
    [...defaults, ...Object.entries(given)].flatMap(([name, value]) => {
      const text = scalar(value)
      return text === null ? [] : [[name, text] as const]
    }),
  )
}

const INPUT = /\$\{\{\s*inputs\.([\w-]+)\s*\}\}/g

/** Replaces the inputs that are named in the texts of a value of any depth. */
function filled(value: unknown, inputs: ReadonlyMap<string, string>): unknown {
  if (typeof value === "string") return value.replace(INPUT, (_, name: string) => inputs.get(name) ?? "")
  if (Array.isArray(value)) return value.map((one) => filled(one, inputs))
  if (typeof value !== "object" || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, filled(one, inputs)]))
}
