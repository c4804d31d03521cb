import * as z from "zod/mini"
import { plural } from "../../formats/figures.js"
import { readSarif } from "../../formats/sarif-reader.js"
import { inFile, severityOf } from "../finding.js"
import { DidNotLook, maybe, type Read, readReport } from "./report.js"

const semgrep = z.object({
  version: maybe(z.string()),
  paths: z.object({ scanned: z.array(z.string()) }),
  errors: z.array(z.object({ level: maybe(z.string()), message: maybe(z.string()) })),
  results: z.array(
    z.object({
      check_id: z.string(),
      path: z.string(),
      start: z.object({ line: z.number() }),
      extra: z.object({ message: z.string(), severity: z.string() }),
    }),
  ),
})

/** Semgrep puts the path of the rules' file before their names. */
const ruleName = (id: string): string =>
  id.slice(id.lastIndexOf("slipway.") === -1 ? 0 : id.lastIndexOf("slipway."))

export function readSemgrep(text: string): Read {
  const { version, paths, errors, results } = readReport(semgrep, text)
  const broken = errors.find(({ level }) => level === "error")
  if (broken)
    throw new DidNotLook("errored", (broken.message ?? "it could not read its rules").split("\n")[0] ?? "")
  if (paths.scanned.length === 0) throw new DidNotLook(null, "there is no source file that its rules are for")
  const findings = results.map(({ check_id, path, start, extra }) =>
    inFile("semgrep", {
      rule: ruleName(check_id),
      severity: severityOf(extra.severity),
      message: extra.message,
      file: path.replace(/^\.\//, ""),
      line: start.line,
    }),
  )
  return { findings, what: plural(paths.scanned.length, "file"), version: version ?? null }
}

/** Takes in what another tool found. */
export function readOther(text: string): Read {
  try {
    const runs = readSarif(text)
    if (runs.length === 0) throw new Error("has no run: nothing looked")
    const findings = runs.flatMap((run) => run.findings)
    const tools = runs.map(({ tool, version }) => (version ? `${tool} ${version}` : tool)).join(", ")
    return { findings, what: `what ${tools} saw`, version: null }
  } catch (error) {
    throw new DidNotLook("errored", error instanceof Error ? error.message : String(error))
  }
}

const checkov = z.object({
  results: maybe(
    z.object({
      failed_checks: z.array(
        z.object({
          check_id: z.string(),
          check_name: z.string(),
          file_path: z.string(),
          file_line_range: maybe(z.array(z.number())),
          severity: maybe(z.string()),
          resource: maybe(z.string()),
        }),
      ),
    }),
  ),
  summary: maybe(
    z.object({
      passed: z.number(),
      failed: z.number(),
      parsing_errors: z.number(),
      checkov_version: maybe(z.string()),
    }),
  ),
})

/** Checkov tells no severities without an account: what it finds counts as medium. */
export function readCheckov(text: string): Read {
  const read = readReport(z.union([z.array(checkov), checkov]), text)
  const parts = (Array.isArray(read) ? read : [read]).filter(({ summary }) => summary)
  const sum = (of: "passed" | "failed" | "parsing_errors") =>
    parts.reduce((total, { summary }) => total + (summary?.[of] ?? 0), 0)
  const unread = sum("parsing_errors")
  if (unread > 0)
    throw new DidNotLook("errored", `it could not parse ${plural(unread, "file")}: correct them`)
  const checks = sum("passed") + sum("failed")
  if (checks === 0) throw new DidNotLook("errored", "it found no file to look at")
  const findings = parts.flatMap(({ results }) =>
    (results?.failed_checks ?? []).map((one) =>
      inFile("checkov", {
        rule: one.check_id,
        severity: severityOf(one.severity),
        message: [one.check_name, one.resource].filter(Boolean).join(": "),
        file: one.file_path.replace(/^\//, ""),
        line: one.file_line_range?.[0] || null,
      }),
    ),
  )
  return { findings, what: plural(checks, "check"), version: parts[0]?.summary?.checkov_version ?? null }
}
