import * as z from "zod/mini"
import { isRecord, type JsonRecord, recordOf } from "../formats/json.js"
import { Fault } from "../run/fault.js"
import { KEY_SEPARATOR, keyed } from "./parts.js"
import type { StageSettings } from "./stage-settings.js"
import { suggest } from "./suggest.js"
import { lineColumn, type Path, readYaml, type YamlText } from "./yaml-position.js"

/**
 * What slipway.yaml says, with a default for all that it does not say. Durations are in seconds. Rooms add their
 * sections to it.
 */
export interface Config {
  /** The keys that slipway.yaml itself has, with dots: `coverage.lines`. Lists are one value. */
  readonly written: readonly string[]
  /** Settings of stages, by kind. */
  readonly stages: Readonly<Record<string, StageSettings>>
}

/** A reader of slipway.yaml. */
export interface ConfigReader<T> {
  /** The configuration of a project without a slipway.yaml; the same as of an empty one. */
  readonly defaultConfig: () => T
  /**
   * Reads the text of a slipway.yaml.
   *
   * @param file The name for messages.
   * @throws {Fault} `configuration`, which names every problem of the file (ten at most) with line and column.
   */
  readonly parseConfig: (text: string, file?: string) => T
  /** The JSON Schema of slipway.yaml, for editors: `ci/slipway.schema.json`. */
  readonly jsonSchema: () => object
}

/**
 * The reader of a slipway.yaml that has these sections. An error text in a section's schema completes "expected …";
 * that of a map with fixed keys is the list of those keys when a key is unknown.
 *
 * @param fit adds an issue for what is right alone and wrong together.
 */
export function configReader<Sections extends z.core.$ZodLooseShape>(
  sections: () => Sections,
  fit: (payload: z.core.ParsePayload<z.output<z.ZodMiniObject<Sections, z.core.$strict>>>) => void,
): ConfigReader<z.output<z.ZodMiniObject<Sections, z.core.$strict>> & Pick<Config, "written">> {
  // Built once, and only when a file is read: that takes longer than most checks.
  let built: z.ZodMiniObject<Sections, z.core.$strict> | null = null
  const schema = () => {
    built ??= keyed(sections()).check(fit)
    return built
  }
  type Values = z.output<z.ZodMiniObject<Sections, z.core.$strict>>
  let defaults: (Values & Pick<Config, "written">) | null = null
  const defaultConfig = () => {
    defaults ??= { ...schema().parse({}, { jitless: true }), written: [] }
    return defaults
  }
  const parseConfig = (text: string, file = "slipway.yaml") => {
    // Without its mark, columns of the first line count as an editor counts them.
    const plain = text.replace(/^\uFEFF/, "")
    const yaml = readYaml(plain)
    if (yaml.problems.length === 0 && yaml.value === null) return defaultConfig()
    const checked = yaml.value === undefined ? null : schema().safeParse(yaml.value, { jitless: true })
    const unfit = (checked?.error?.issues ?? []).flatMap((issue) => misfits(issue, yaml.value))
    const problems = [
      ...yaml.problems,
      ...unfit.map(({ path, part, message }) => ({ offset: yaml.locate(path, part), message })),
    ]
    if (checked?.success && problems.length === 0)
      return { ...checked.data, written: keysIn(recordOf(yaml.value)) }
    throw invalid(plain, file, problems)
  }
  return { defaultConfig, parseConfig, jsonSchema: () => jsonSchemaOf(schema()) }
}

function jsonSchemaOf(schema: z.core.$ZodType): object {
  const { $schema, ...rest } = z.toJSONSchema(schema, { io: "input", target: "draft-07" })
  return { $schema, title: "slipway.yaml", description: "What Slipway does not find out by itself.", ...rest }
}

/** Returns the keys of a map that have a value, with dots. */
const keysIn = (map: JsonRecord, before = ""): readonly string[] =>
  Object.entries(map).flatMap(([key, value]) => {
    if (value === null) return []
    return isRecord(value) ? keysIn(value, `${before}${key}.`) : [`${before}${key}`]
  })

const SHOWN = 10

function invalid(text: string, file: string, problems: YamlText["problems"]): Fault {
  const lines = problems
    .toSorted((a, b) => a.offset - b.offset)
    .map(({ offset, message }) => ({ where: `${file}:${lineColumn(text, offset)}`, what: message }))
  const fix = `correct ${file}; slipway.schema.json describes its keys, for editors too`
  const [only] = lines
  if (only !== undefined && lines.length === 1) return new Fault("configuration", { ...only, fix })
  const shown = lines.slice(0, SHOWN).map(({ where, what }) => `${where}: ${what}`)
  const more = lines.length > SHOWN ? [`… and ${lines.length - SHOWN} more`] : []
  const what = [`${lines.length} problems`, ...shown, ...more].join("\n")
  return new Fault("configuration", { what, where: file, fix })
}

/** A value that does not fit, by its path. */
interface Misfit {
  readonly path: Path
  readonly part: "key" | "value"
  readonly message: string
}

function misfits(issue: z.core.$ZodIssue, root: unknown): readonly Misfit[] {
  const { path } = issue
  if (issue.code === "unrecognized_keys") return issue.keys.map((key) => unknownKey(path, key, issue.message))
  if (issue.code === "invalid_key") return [badName(path, issue.issues[0]?.message ?? issue.message)]
  const near = issue.code === "invalid_union" ? nearest(issue.errors) : []
  if (near.length > 0)
    return near.flatMap((inner) => misfits({ ...inner, path: [...path, ...inner.path] }, root))
  const value = valueAt(root, path)
  return [value === undefined ? missingKey(path, issue.message) : wrongValue(path, issue.message, value)]
}

type Issues = readonly z.core.$ZodIssue[]

/** The issues of the one option of a union that a map was most likely meant to be; none where that is not clear. */
function nearest(options: readonly Issues[]): Issues {
  const maps = options.filter((issues) =>
    issues.every(({ code, path }) => code === "unrecognized_keys" || path.length > 0),
  )
  const [first = [], second] = maps.toSorted((a, b) => a.length - b.length)
  return second === undefined || first.length < second.length ? first : []
}

function unknownKey(path: Path, key: string, known: string): Misfit {
  const near = suggest(key, known.split(KEY_SEPARATOR))
  const hint = near === null ? "." : `; did you mean "${near}"?`
  const message = `unknown key "${key}"${inside(path)}${hint} Known: ${known}`
  return { path: [...path, key], part: "key", message }
}

function badName(path: Path, expected: string): Misfit {
  const message = `name "${String(path.at(-1))}"${inside(path.slice(0, -1))}: expected ${expected}`
  return { path, part: "key", message }
}

function missingKey(path: Path, expected: string): Misfit {
  const around = path.slice(0, -1)
  const message = `missing key "${String(path.at(-1))}"${inside(around)}: expected ${expected}`
  return { path: around, part: "key", message }
}

function wrongValue(path: Path, expected: string, value: unknown): Misfit {
  const name = path.length === 0 ? "the file" : dotted(path)
  return { path, part: "value", message: `${name}: expected ${expected}, found ${describe(value)}` }
}

function inside(path: Path): string {
  return path.length === 0 ? "" : ` in ${dotted(path)}`
}

/** `custom.report.commands[0]` */
function dotted(path: Path): string {
  return path
    .map((step) => (typeof step === "number" ? `[${step}]` : `.${String(step)}`))
    .join("")
    .replace(/^\./, "")
}

function valueAt(root: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, step) => (typeof value === "object" && value !== null ? Reflect.get(value, step) : undefined),
    root,
  )
}

/** What is there, in the words of someone who writes YAML. */
function describe(value: unknown): string {
  if (value === null) return "nothing"
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list"
  if (typeof value === "object") return "a map"
  if (typeof value === "string") return `the text ${JSON.stringify(shorten(value))}`
  return typeof value === "number" ? `the number ${value}` : String(value)
}

function shorten(value: string): string {
  return value.length > 40 ? `${value.slice(0, 39)}…` : value
}
