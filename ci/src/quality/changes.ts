import { parseJson, recordsOf } from "../formats/json.js"
import type { CommandStep } from "../run/command.js"
import type { Finding } from "../run/result.js"
import { WORKDIR } from "../run/stage.js"
import { HOOK } from "../tools/hook.js"

/** Where the project's files lie as they were before a script ran. */
export const BEFORE = "/slipway/before"

/** Where it is written what a script changed in them. */
export const CHANGES = "/slipway/changes.json"

/** Compares the files after a script that may write with those before it. */
export const COMPARE: CommandStep = {
  name: "compare",
  run: `node ${HOOK}/changes.cjs ${BEFORE} ${WORKDIR} >${CHANGES}`,
  timeout: 120,
}

const LINES = 3

const shown = (sign: string, lines: unknown): string =>
  (Array.isArray(lines) ? lines : [])
    .slice(0, LINES)
    .map((line) => `${sign} ${String(line).trim()}`)
    .join(" ")

/** Reads what a script changed: a file that a check repairs is a finding. */
export const readChanges = (text: string | undefined): readonly Finding[] =>
  recordsOf(parseJson(text)).map((change) => {
    const { file, line, removed, added } = change
    return {
      rule: "changed-by-script",
      severity: "medium",
      message:
        added === null
          ? "the script deleted it"
          : `the script changed it: ${shown("-", removed)} ${shown("+", added)}`.trimEnd(),
      file: String(file),
      line: typeof line === "number" ? line : null,
    }
  })
