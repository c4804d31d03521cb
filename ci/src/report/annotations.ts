import { inert } from "../formats/clean.js"
import type { Severity } from "../run/result.js"
import type { Remark } from "./remarks.js"

/** A file of annotations in the form that one vendor takes. */
interface Format {
  /** Its path in the evidence. */
  readonly path: string
  readonly write: (remarks: readonly Remark[]) => string
}

const lines = (texts: readonly string[]): string => texts.map((text) => `${text}\n`).join("")

/** Replaces what a vendor would act on; the first of the table must be its own escape sign. */
const escaper =
  (table: readonly (readonly [string, string])[]) =>
  (text: string): string =>
    table.reduce((escaped, [from, to]) => escaped.replaceAll(from, to), inert(text))

const perLevel = (remarks: readonly Remark[], count: number): readonly Remark[] =>
  (["error", "warning"] as const).flatMap((level) =>
    remarks.filter((remark) => remark.level === level).slice(0, count),
  )

/** `name=value` of those that have one. */
const properties = (
  values: Readonly<Record<string, string | number | null>>,
  escaped: (text: string) => string,
  separator: string,
): string =>
  Object.entries(values)
    .flatMap(([name, value]) => (value === null ? [] : [`${name}=${escaped(String(value))}`]))
    .join(separator)

/** GitHub shows ten of a level and step: https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions */
const GITHUB_MOST = 10
const GITHUB_DATA = [
  ["%", "%25"],
  ["\r", "%0D"],
  ["\n", "%0A"],
] as const
const githubData = escaper(GITHUB_DATA)
const githubProperty = escaper([...GITHUB_DATA, [":", "%3A"], [",", "%2C"]])

function github({ level, file, line, title, message }: Remark): string {
  const place = file === null ? {} : { file, line }
  return `::${level} ${properties({ ...place, title }, githubProperty, ",")}::${githubData(message)}`
}

/** https://learn.microsoft.com/azure/devops/pipelines/scripts/logging-commands */
const AZURE_MOST = 50
const AZURE_DATA = [
  ["%", "%AZP25"],
  ["\r", "%0D"],
  ["\n", "%0A"],
] as const
const azureData = escaper(AZURE_DATA)
const azureProperty = escaper([...AZURE_DATA, [";", "%3B"], ["]", "%5D"]])

function azure({ level, file, line, rule, message }: Remark): string {
  const values = { type: level, sourcepath: file, linenumber: file === null ? null : line, code: rule }
  return `##vso[task.logissue ${properties(values, azureProperty, ";")};]${azureData(message)}`
}

/** The severities of Code Climate, of which GitLab takes a part: https://docs.gitlab.com/ci/testing/code_quality/ */
const CODE_QUALITY: Readonly<Record<Severity, string>> = {
  info: "info",
  low: "minor",
  medium: "major",
  high: "critical",
  critical: "blocker",
}

/** GitLab wants a place of everything, and each fingerprint once. */
function codeQuality(remarks: readonly Remark[]): string {
  const once = new Map(remarks.map((remark) => [remark.fingerprint, remark]))
  const issues = [...once.values()].map(({ title, message, rule, fingerprint, severity, file, line }) => ({
    description: file === null ? `${title}: ${message}` : message,
    check_name: rule,
    fingerprint,
    severity: CODE_QUALITY[severity],
    location: { path: file ?? "slipway.yaml", lines: { begin: line ?? 1 } },
  }))
  return `${JSON.stringify(issues, null, 2)}\n`
}

/** A diagnostic of reviewdog's rdjsonl: https://github.com/reviewdog/reviewdog/tree/master/proto/rdf */
const diagnostic = ({ level, source, rule, message, file, line }: Remark) => ({
  message,
  ...(file === null
    ? {}
    : { location: { path: file, ...(line === null ? {} : { range: { start: { line } } }) } }),
  severity: level.toUpperCase(),
  source: { name: source },
  code: { value: rule },
})

/** By vendor: what its log reader acts on, or the report that it takes in. */
const FORMATS: Readonly<Partial<Record<string, Format>>> = {
  github: { path: "annotations.txt", write: (all) => lines(perLevel(all, GITHUB_MOST).map(github)) },
  azure: { path: "annotations.txt", write: (all) => lines(perLevel(all, AZURE_MOST).map(azure)) },
  gitlab: { path: "gl-code-quality-report.json", write: codeQuality },
}

/** For vendors that have no form of their own, and for laptops: a line of JSON each. */
const PLAIN: Format = {
  path: "annotations.jsonl",
  write: (all) => lines(all.map((remark) => inert(JSON.stringify(diagnostic(remark))))),
}

/**
 * Annotations for the vendor that runs this, as path → content. Nothing in them is acted on but what they are: no
 * text of a run can become a command of the vendor's.
 */
export function annotations(vendor: string | null, remarks: readonly Remark[]): Record<string, string> {
  const { path, write } = FORMATS[vendor ?? ""] ?? PLAIN
  return { [path]: write(remarks) }
}
