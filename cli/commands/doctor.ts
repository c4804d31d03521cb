import { type Choice, describe } from "../../engine/choose.js"
import { type Check, type Finding, found, ok, warn } from "../doctor/check.js"
import { stockChecks } from "../doctor/stock.js"
import { systemChecks } from "../doctor/system.js"
import { toolChecks } from "../doctor/tools.js"
import { paint } from "../paint.js"
import { chosen } from "../session.js"
import type { Command } from "./command.js"

const SIGNS = { ok: ["✓", "green"], warn: ["!", "yellow"], fail: ["✗", "red"] } as const

function which(choice: Choice): Finding {
  const text = describe(choice)
  return choice.warning ? warn(text, choice.warning) : ok(text)
}

function lines(name: string, { level, text, fix }: Finding): string {
  const [sign, colour] = SIGNS[level]
  return [`${paint(sign, colour)} ${name.padEnd(13)} ${text}`, ...(fix ? [`  → ${fix}`] : [])].join("\n")
}

/** The checks of this machine that matter to a kind of engine. A named one brings all that it needs. */
const CHECKS: Readonly<Record<Choice["kind"], readonly Check[]>> = {
  named: [],
  stock: stockChecks,
  embedded: [...stockChecks, ...toolChecks, ...systemChecks],
}

export const doctor: Command = {
  name: "doctor",
  group: "This machine",
  help: "checks this machine: which engine it can use, what is missing, how to fix it",
  usage: ["doctor"],
  details: ["Exit code: 1 when the engine that would be used lacks something."],
  async run() {
    const choice = await chosen()
    const checks = CHECKS[choice.kind]
    process.stdout.write(`${lines("which", which(choice))}\n`)
    let failed = false
    for (const check of checks) {
      const finding = await found(check)
      failed ||= finding.level === "fail"
      process.stdout.write(`${lines(check.name, finding)}\n`)
    }
    return failed ? 1 : 0
  },
}
