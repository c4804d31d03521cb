import * as z from "zod/mini"
import { plural } from "../../formats/figures.js"
import { quote } from "../../run/command.js"
import type { Image } from "../../run/images.js"
import { type Unread, WORKDIR } from "../../run/stage.js"
import { REPORT } from "../database.js"
import { inFile, severityOf } from "../finding.js"
import { infrastructureJob } from "../infrastructure.js"
import { maybe, nothingRead, type Read, readReport } from "../report.js"
import type { Scanner, Tool } from "../scanner.js"

/** Finds insecure infrastructure. */
export const CHECKOV: Image = { name: "bridgecrew/checkov", tag: "3.3.30" }

/** Checkov's report with checks that passed, which can be too large to be read. */
const ALL = "/report/all.json"
/** `--quiet` leaves passed checks out, and with them the files that it could not parse. */
const WITHOUT_PASSED = [
  "import json",
  `read = json.load(open("${ALL}"))`,
  "for part in read if isinstance(read, list) else [read]: part.get('results', {}).pop('passed_checks', None)",
  `json.dump(read, open("${REPORT}", "w"))`,
].join("\n")

const COMMAND = `checkov --directory ${WORKDIR} --framework terraform dockerfile --output json --soft-fail --skip-download --compact >${ALL} && python3 -c ${quote(WITHOUT_PASSED)}`

const scanner: Scanner = {
  tool: "checkov",
  image: CHECKOV,
  maxAge: () => null,
  prepare: async (scan) => infrastructureJob(scan, CHECKOV, "checkov", COMMAND),
  read: (text) => readCheckov(text, WORKDIR),
}

const report = z.object({
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
  const read = readReport(z.union([z.array(report), report]), text)
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

export const checkov: Tool = { name: "checkov", scans: { infrastructure: [scanner] } }
