import { dag } from "@dagger.io/dagger"
import { SEMGREP, SEMGREP_REPORT, semgrepCommand } from "../../tools/semgrep.js"
import { NO_SOURCE, readCode } from "../read/code.js"
import { DidNotLook } from "../read/report.js"
import { RULES } from "../rules.js"
import type { Scanner } from "../scanner.js"

const TIMEOUT = 900

const semgrep: Scanner = {
  tool: "semgrep",
  image: SEMGREP,
  maxAge: () => null,
  async prepare({ given, files }) {
    if (files.length === 0) throw new DidNotLook(null, NO_SOURCE)
    // JSON is YAML too.
    const rules = dag.directory().withNewFile("slipway.yaml", JSON.stringify({ rules: RULES }))
    return { command: semgrepCommand(given, { rules, timeout: TIMEOUT }), report: SEMGREP_REPORT }
  },
  read: (text) => readCode(text),
}

export const CODE = { semgrep: [semgrep] } as const
