import * as path from "node:path/posix"
import { XMLParser } from "fast-xml-parser"
import { isRecord, type JsonRecord } from "./json.js"
import { anyOf } from "./pattern.js"

/** How often tests ran each line: file → line (1-based) → times. */
export type LineHits = ReadonlyMap<string, ReadonlyMap<number, number>>

/** Line → how often it ran. */
type Lines = Map<number, number>

/** Where the paths of a report begin. */
export interface Origin {
  /** Where the project lay when it was written: `/app`. */
  readonly root: string
  /** The folder that the tests ran in, relative to the project; "" for the project itself. */
  readonly folder: string
}

/** What is no code of the project's: its dependencies, and its tests, whose own lines prove nothing. */
const APART = anyOf([
  /(?:^|\/)(?:node_modules|site-packages|tests?|__tests__|e2e)\//,
  /[.](?:test|spec)[.][cm]?[jt]sx?$/,
  /(?:^|\/)(?:test_[^/]*|[^/]*_test|conftest)[.]py$/,
])

/**
 * The line hits of a coverage report: lcov, Cobertura, or Istanbul's `coverage-final.json`, told apart by how they
 * begin. Files outside the project, dependencies and tests are left out.
 *
 * @throws Error when the text is none of these.
 */
export function readCoverage(text: string, { root, folder }: Origin): LineHits {
  const found = new Map<string, Lines>()
  const start = path.join(root, folder)
  for (const [file, lines] of readers(text.trimStart())(text)) {
    const name = path.relative(root, path.resolve(start, file.replace(/^file:\/\//, "")))
    if (name.startsWith("..") || APART.test(name)) continue
    found.set(name, sum(found.get(name) ?? new Map(), lines))
  }
  return found
}

/** Line hits of several reports together. */
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
  throw new Error("it is neither lcov, nor Cobertura, nor Istanbul's JSON")
}

/** `SF:` begins a file, `DA:` is a line with its hits (geninfo(1)). */
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
    throw new Error(`it has a line that is none: ${line},${hits}`.slice(0, 100))
  // Some tools write -1 for "never".
  return [number, Math.max(0, times)]
}

/** What a parser of XML gives: one element as itself, several as a list. */
const records = (value: unknown): readonly JsonRecord[] =>
  (Array.isArray(value) ? value : [value]).filter(isRecord)

/** Files of `class` elements, relative to the first of `sources` (coverage.py, gocover-cobertura, coverlet). */
function* cobertura(text: string): Iterable<File> {
  if (/<!DOCTYPE[^>]*\[/i.test(text)) throw new Error("it declares entities, as no report does")
  const parser = new XMLParser({ ignoreAttributes: false, attributeNamePrefix: "@", parseTagValue: false })
  const root: unknown = parser.parse(text, true)
  if (!isRecord(root) || !("coverage" in root)) throw new Error("it is XML, and no Cobertura report")
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

/** A line ran as often as the statement on it that ran most. */
function* istanbul(text: string): Iterable<File> {
  const report: unknown = JSON.parse(text)
  for (const [name, file] of Object.entries(isRecord(report) ? report : {})) {
    if (!isRecord(file) || !isRecord(file.statementMap) || !isRecord(file.s))
      throw new Error("it is JSON, and no report of Istanbul")
    const lines: Lines = new Map()
    for (const [id, place] of Object.entries(file.statementMap)) {
      const start = isRecord(place) && isRecord(place.start) ? place.start.line : null
      const [line, times] = pair([String(start), String(file.s[id])])
      lines.set(line, Math.max(lines.get(line) ?? 0, times))
    }
    yield [typeof file.path === "string" ? file.path : name, lines]
  }
}
