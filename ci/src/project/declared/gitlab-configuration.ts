import { type CollectionTag, YAMLMap } from "yaml"
import { lineColumn, readYaml } from "../../config/yaml-position.js"
import { globMatcher } from "../../formats/glob.js"
import { isRecord, type JsonRecord, recordOf } from "../../formats/json.js"
import type { Tree } from "../project.js"
import { scalar } from "./values.js"

/** The file that GitLab reads first. */
export const GITLAB = ".gitlab-ci.yml"

/** What GitLab runs: its jobs with all that they inherit, and where they are written. */
export interface GitlabConfiguration {
  /** Jobs by name, the hidden ones left out. */
  readonly jobs: Readonly<Record<string, JsonRecord>>
  /** Variables of all jobs. */
  readonly variables: JsonRecord
  /** The file of each job. */
  readonly files: Readonly<Record<string, string>>
  /** Where an item of a job's list is written: `.gitlab-ci.yml:12`; null for a list from several places. */
  readonly placeOf: (list: unknown, index: number) => string | null
  /** Files that it includes from elsewhere, as they are named there. */
  readonly elsewhere: readonly string[]
  /** Files that are not valid YAML. */
  readonly broken: readonly string[]
}

/** Keys of a configuration that are no jobs. @see https://docs.gitlab.com/ci/yaml/ */
const KEYWORDS = [
  "default",
  "include",
  "stages",
  "variables",
  "workflow",
  "spec",
  "image",
  "services",
  "before_script",
  "after_script",
  "cache",
  "types",
]

/** What jobs inherit: from `default`, or from the top, where older files have it. */
const INHERITED = ["image", "services", "before_script", "after_script"]

const REFERENCE = "!reference"

/** `!reference [.setup, script]` is read as a map of that one key. */
const TAGS: readonly CollectionTag[] = [
  {
    tag: REFERENCE,
    collection: "seq",
    resolve: (list) => {
      const map = new YAMLMap()
      map.set(REFERENCE, list)
      return map
    },
  },
]

/** How deep files, jobs and references may lead to each other; GitLab's own limits are 150, 11 and 10. */
const DEEPEST = 12

interface FileOf {
  readonly file: string
  readonly value: JsonRecord
}

/** Reads a configuration of GitLab CI with the files of the repository that it includes. */
export async function readGitlab(tree: Tree): Promise<GitlabConfiguration> {
  const places = new Map<unknown, readonly string[]>()
  const elsewhere = new Set<string>()
  const broken = new Set<string>()
  const read = async (file: string, path: readonly string[]): Promise<readonly FileOf[]> => {
    if (path.includes(file) || path.length > DEEPEST) return []
    const text = lastDocument(await tree.read(file))
    const { value, locate } = readYaml(text, TAGS)
    if (!isRecord(value)) broken.add(file)
    const own = recordOf(value)
    rememberPlaces(
      own,
      (steps) => `${file}:${lineColumn(text, locate(steps, "value")).split(":")[0]}`,
      places,
    )
    const { local, others } = includesOf(own.include, tree.files)
    for (const one of others) elsewhere.add(one)
    const included = await Promise.all(local.map((one) => read(one, [...path, file])))
    return [...included.flat(), { file, value: own }]
  }
  const files = await read(GITLAB, [])
  const all = files.reduce<JsonRecord>((below, { value }) => merged(below, value), {})
  const names = Object.keys(all).filter((name) => !KEYWORDS.includes(name) && !name.startsWith("."))
  return {
    jobs: Object.fromEntries(names.map((name) => [name, jobOf(name, all)])),
    variables: recordOf(all.variables),
    files: Object.fromEntries(
      files.flatMap(({ file, value }) => Object.keys(value).map((key) => [key, file])),
    ),
    placeOf: (list, index) => places.get(list)?.[index] ?? null,
    elsewhere: [...elsewhere],
    broken: [...broken],
  }
}

/** A file may begin with a document that describes its inputs. */
const lastDocument = (text: string): string =>
  /^\s*spec:/.test(text) ? (text.split(/^---\s*$/m).at(-1) ?? text) : text

/** Remembers where the services of jobs are written, by the list that holds them: jobs inherit it as it is. */
function rememberPlaces(
  all: JsonRecord,
  place: (steps: readonly (string | number)[]) => string,
  places: Map<unknown, readonly string[]>,
): void {
  for (const [name, value] of Object.entries({ "": all, ...all })) {
    const { services } = recordOf(value)
    const path = name === "" ? ["services"] : [name, "services"]
    if (Array.isArray(services))
      places.set(
        services,
        services.map((_, i) => place([...path, i])),
      )
  }
}

/** Returns the files of the repository that `include` names, and the others. @see https://docs.gitlab.com/ci/yaml/#include */
function includesOf(include: unknown, files: readonly string[]) {
  const local: string[] = []
  const others: string[] = []
  for (const one of Array.isArray(include) ? include : [include]) {
    const text = scalar(one)
    const path = text !== null && !/^https?:/.test(text) ? text : scalar(recordOf(one).local)
    if (path !== null) {
      const matches = globMatcher([path.replace(/^\//, "")])
      local.push(...files.filter((file) => matches(file)))
    } else if (text !== null) others.push(text)
    else if (isRecord(one))
      others.push(
        Object.values(one)
          .flatMap((each) => scalar(each) ?? [])
          .join(" "),
      )
  }
  return { local, others }
}

/** Merges as GitLab does: maps by key, anything else is replaced. */
function merged(below: JsonRecord, above: JsonRecord): JsonRecord {
  const result: Record<string, unknown> = { ...below }
  for (const [key, value] of Object.entries(above)) {
    const old = result[key]
    const maps = isRecord(old) && isRecord(value) && !(REFERENCE in value)
    result[key] = maps ? merged(old, value) : value
  }
  return result
}

/** Returns a job with all that it extends and inherits, and its references resolved. */
function jobOf(name: string, all: JsonRecord): JsonRecord {
  const own = extended(name, all, DEEPEST)
  const { inherit } = own
  const wanted = recordOf(inherit).default
  const usual = { ...all, ...recordOf(all.default) }
  const inherits = (key: string) => wanted !== false && (!Array.isArray(wanted) || wanted.includes(key))
  const base = Object.fromEntries(
    INHERITED.flatMap((key) => (key in usual && inherits(key) ? [[key, usual[key]]] : [])),
  )
  return recordOf(resolved({ ...base, ...own }, all, DEEPEST))
}

function extended(name: string, all: JsonRecord, depth: number): JsonRecord {
  const own = recordOf(all[name])
  const bases = Array.isArray(own.extends) ? own.extends : [own.extends]
  const below = bases.flatMap((one) => {
    const base = scalar(one)
    return base === null || depth === 0 ? [] : [extended(base, all, depth - 1)]
  })
  return [...below, own].reduce(merged, {})
}

/** Replaces references, in lists item by item. A list without any stays the same one. */
function resolved(value: unknown, all: JsonRecord, depth: number): unknown {
  if (depth === 0) return null
  if (isRecord(value)) {
    const reference = value[REFERENCE]
    if (Array.isArray(reference)) return referred(reference, all, depth - 1)
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, resolved(each, all, depth)]))
  }
  if (!Array.isArray(value) || !JSON.stringify(value).includes(REFERENCE)) return value
  return value.flatMap((each) => resolved(each, all, depth))
}

function referred([name, ...keys]: readonly unknown[], all: JsonRecord, depth: number): unknown {
  const job = extended(scalar(name) ?? "", all, DEEPEST)
  const found = keys.reduce<unknown>((value, key) => recordOf(value)[scalar(key) ?? ""], job)
  return resolved(found, all, depth)
}
