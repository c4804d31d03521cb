import * as path from "node:path/posix"
import { XMLParser } from "fast-xml-parser"
import { isRecord, type JsonRecord } from "./json.js"
import { anyOf } from "./pattern.js"

/** How often tests ran each line: file → line (1-based) → times. */
export type LineHits = ReadonlyMap<string, ReadonlyMap<number, number>>

/** Line → how often it ran. */
type Lines = Map<number, number>

/** The folder that the paths of a report are relative to. */
export interface Origin {
  /** The project's folder when the report was written: `/app`. */
  readonly root: string
  /** The folder that the tests ran in, relative to the project; "" for the project's root. */
  readonly folder: string
}

/** Dependencies and tests, whose lines do not count. */
const SKIPPED = anyOf([
  /(?:^|\/)(?:node_modules|site-packages|tests?|__tests__|e2e)\//,
  /[.](?:test|spec)[.][cm]?[jt]sx?$/,
  /(?:^|\/)(?:test_[^/]*|[^/]*_test|conftest)[.]py$/,
])

/**
 * Reads the line hits of a coverage report: lcov, Cobertura, or Istanbul's `coverage-final.json`, recognized by their
 * first characters. Skips files outside the project, dependencies and tests.
 *
 * @throws {Error} if the text has another format.
 */
export function readCoverage(text: string, { root, folder }: Origin): LineHits {
  const found = new Map<string, Lines>()
  const start = path.join(root, folder)
  for (const [file, lines] of readers(text.trimStart())(text)) {
    const name = path.relative(root, path.resolve(start, file.replace(/^file:\/\//, "")))
    if (name.startsWith("..") || SKIPPED.test(name)) continue
    found.set(name, sum(found.get(name) ?? new Map(), lines))
  }
  return found
}

/** Adds up the line hits of several reports. */
export function mergeHits(all: readonly LineHits[]): LineHits {
  const merged = new Map<string, Lines>()
  for (const hits of all)
    for (const [file, lines] of hits) merged.set(file, sum(merged.get(file) ?? new Map(), lines))
  return merged
}

function sum(into: Lines, lines: Iterable<readonly [number, number]>): Lines {
  for (const [line, times] of lines) into.set(line, (into.get(line) ?? 0) + times)
  return into
}

type File = readonly [file: string, lines: Iterable<readonly [number, number]>]

function readers(text: string): (text: string) => Iterable<File> {
  if (text.startsWith("<")) return cobertura
  if (text.startsWith("{")) return istanbul
  if (/^(?:TN|SF):/m.test(text)) return lcov
  throw new Error("not lcov, Cobertura or Istanbul's JSON")
}

/** Reads lcov: `SF:` begins a file, `DA:` is a line with its hits (geninfo(1)). */
function* lcov(text: string): Iterable<File> {
  let file: string | null = null
  let lines: [number, number][] = []
  for (const line of text.split("\n")) {
    const [tag, value = ""] = [line.slice(0, 3), line.slice(3).trim()]
    if (tag === "SF:") [file, lines] = [value, []]
    else if (tag === "DA:") lines.push(pair(value.split(",")))
    else if (line.startsWith("end_of_record") && file !== null) yield [file, lines]
  }
}

const pair = ([line = "", hits = ""]: readonly string[]): [number, number] => {
  const [number, times] = [Number(line), Number(hits)]
  if (!Number.isInteger(number) || number < 1 || !Number.isFinite(times))
    throw new Error(`invalid line: ${line},${hits}`.slice(0, 100))
  // Some tools write -1 for a line that never ran.
  return [number, Math.max(0, times)]
}

/** Returns XML elements as a list: the parser gives a single one as itself. */
const records = (value: unknown): readonly JsonRecord[] =>
  (Array.isArray(value) ? value : [value]).filter(isRecord)

/** Reads Cobertura: files of `class` elements, relative to the first of `sources`. */
function* cobertura(text: string): Iterable<File> {
  if (/<!DOCTYPE[^>]*\[/i.test(text)) throw new Error("XML entity declarations are not allowed")
  const parser = new XMLParser({ ignoreAttributes: false, attributeNamePrefix: "@", parseTagValue: false })
  const root: unknown = parser.parse(text, true)
  if (!isRecord(root) || !("coverage" in root)) throw new Error("XML, but not a Cobertura report")
  for (const report of records(root.coverage)) {
    const source = records(report.sources).flatMap(({ source }) => source)[0]
    for (const group of records(report.packages).flatMap((one) => records(one.package)))
      for (const file of records(group.classes).flatMap((one) => records(one.class))) {
        const lines = records(file.lines).flatMap((one) => records(one.line))
        const name = String(file["@filename"])
        yield [
          typeof source === "string" ? path.join(source, name) : name,
          lines.map((line) => pair([String(line["@number"]), String(line["@hits"])])),
        ]
      }
  }
}

/** Reads Istanbul's JSON: a line's hits are those of its statement that ran most often. */
function* istanbul(text: string): Iterable<File> {
  const report: unknown = JSON.parse(text)
  for (const [name, file] of Object.entries(isRecord(report) ? report : {})) {
    if (!isRecord(file) || !isRecord(file.statementMap) || !isRecord(file.s))
      throw new Error("JSON, but not an Istanbul report")
    const lines: Lines = new Map()
    for (const [id, place] of Object.entries(file.statementMap)) {
      const start = isRecord(place) && isRecord(place.start) ? place.start.line : null
      const [line, times] = pair([String(start), String(file.s[id])])
      lines.set(line, Math.max(lines.get(line) ?? 0, times))
    }
    yield [typeof file.path === "string" ? file.path : name, lines]
  }
}
