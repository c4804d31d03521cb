import { dag } from "@dagger.io/dagger"
import {
  readSemgrep,
  SEMGREP,
  SEMGREP_REPORT,
  SEMGREP_SARIF,
  SEMGREP_SETTINGS,
  semgrepCommand,
  semgrepLooked,
} from "../../tools/semgrep.js"
import { DidNotLook, nothingRead, type Read } from "../report.js"
import { RULES } from "../rules.js"
import type { Scanner, Tool } from "../scanner.js"

/** Why Semgrep does not look. */
const NO_SOURCE = "no source file in a language of its rules"

const TIMEOUT = 900

const scanner: Scanner = {
  tool: "semgrep",
  image: SEMGREP,
  settingsFiles: () => SEMGREP_SETTINGS,
  maxAge: () => null,
  async prepare({ given, files }) {
    if (files.length === 0) throw new DidNotLook(null, NO_SOURCE)
    // JSON is YAML too.
    const rules = dag.directory().withNewFile("slipway.yaml", JSON.stringify({ rules: RULES }))
    return { command: semgrepCommand(given, { rules, timeout: TIMEOUT }), report: SEMGREP_REPORT }
  },
  read: (text, ran, { given }) => readCode(text, ran.reports[SEMGREP_SARIF], given.project.files),
}

/** Reads Semgrep's report on source code. @throws {DidNotLook} where it does not prove that it looked. */
export function readCode(text: string, sarif?: string, files: readonly string[] = []): Read {
  const report = readSemgrep(text, sarif)
  if (report === null) throw new DidNotLook("errored", "report is not one of `semgrep --json`")
  const { version, read, findings, accepted, broken, unread } = report
  if (broken[0] !== undefined) throw new DidNotLook("errored", `invalid rule: ${broken[0]}`)
  if (read.length === 0) throw unread.length > 0 ? nothingRead(unread) : new DidNotLook(null, NO_SOURCE)
  return { findings: [...findings, ...accepted], what: semgrepLooked(report, files), version, unread }
}

export const semgrep: Tool = { name: "semgrep", scans: { code: [scanner] } }
