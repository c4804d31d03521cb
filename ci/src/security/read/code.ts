import * as z from "zod/mini"
import { plural } from "../../formats/figures.js"
import { readSarif } from "../../formats/sarif-reader.js"
import type { Unread } from "../../run/stage.js"
import { readSemgrep } from "../../tools/semgrep.js"
import { inFile, severityOf } from "../finding.js"
import { DidNotLook, maybe, nothingRead, type Read, readReport } from "./report.js"

/** Why Semgrep does not look. */
export const NO_SOURCE = "there is no source file that its rules are for"

/** Reads Semgrep's report on source code. @throws {DidNotLook} where it does not prove that it looked. */
export function readCode(text: string): Read {
  const report = readSemgrep(text)
  if (report === null) throw new DidNotLook("errored", "its report is not one of semgrep --json")
  const { version, read, findings, broken, unread } = report
  if (broken[0] !== undefined) throw new DidNotLook("errored", `it could not use a rule: ${broken[0]}`)
  if (read.length === 0) throw unread.length > 0 ? nothingRead(unread) : new DidNotLook(null, NO_SOURCE)
  return { findings, what: plural(read.length, "file"), version, unread }
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
      parsing_errors: maybe(z.array(z.string())),
    }),
  ),
  summary: maybe(
    z.object({
      passed: z.number(),
      failed: z.number(),
      checkov_version: maybe(z.string()),
    }),
  ),
})

/** Files of the frameworks that Checkov is asked for: it reads no variables by themselves. */
const CHECKOV_READS = /\.tf$|(?:^|\/)Dockerfile(?:\.[^/]*)?$|\.Dockerfile$/

/**
 * Checkov tells no severities without an account: what it finds counts as medium.
 *
 * @param root where the project lies in the container; it is cut off paths.
 */
export function readCheckov(text: string, root: string): Read {
  const read = readReport(z.union([z.array(checkov), checkov]), text)
  const parts = (Array.isArray(read) ? read : [read]).filter(({ summary }) => summary)
  const checks = parts.reduce((sum, { summary }) => sum + (summary?.passed ?? 0) + (summary?.failed ?? 0), 0)
  const unread = parts
    .flatMap(({ results }) => results?.parsing_errors ?? [])
    .map((file): Unread => {
      const path = file.startsWith(`${root}/`) ? file.slice(root.length + 1) : file.replace(/^\//, "")
      return { file: path, line: null, reason: "parsing error", tools: ["checkov"] }
    })
  if (checks === 0) throw nothingRead(unread)
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
  const version = parts[0]?.summary?.checkov_version ?? null
  const reads = (file: string) => CHECKOV_READS.test(file)
  return { findings, what: plural(checks, "check"), version, unread, reads }
}
