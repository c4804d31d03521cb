import type { Directory } from "@dagger.io/dagger"
import { readConfiguration } from "../config/read.js"
import { plural } from "../formats/figures.js"
import { parseJson, recordOf } from "../formats/json.js"
import { Fault } from "../run/fault.js"
import type { Request } from "../run/request.js"
import type { Finding } from "../run/result.js"
import { judged } from "./plan-command.js"
import { isPlan, type Plan } from "./plan-json.js"
import { infrastructure } from "./sources.js"
import { headline } from "./summary.js"

/**
 * Checks a plan against the current policy of slipway.yaml.
 *
 * @param folder exported by `infra plan`.
 * @throws {Fault} `policy` if a finding blocks.
 */
export async function policy(request: Request, folder: Directory): Promise<string> {
  const plan = readChanges(await folder.file("plan.json").contents())
  const { root } = recordOf(parseJson(await folder.file("binding.json").contents()))
  const { config, source } = await readConfiguration(request.source, request.reader)
  const found = await infrastructure(config.terraform, source)
  const findings = judged({ config, root: String(root ?? ""), found }, plan)
  refused(findings)
  return [`${headline(plan)}: nothing that blocks`, ...findings.map(line)].join("\n")
}

function readChanges(text: string): Plan {
  const plan = parseJson(text)
  if (isPlan(plan)) return plan
  throw new Fault("configuration", {
    what: "plan.json was not written by `infra plan`",
    where: null,
    fix: "pass the whole folder that `infra plan` exported: `--plan plan/`",
  })
}

/** Refuses blocking findings. @throws {Fault} `policy` if a finding blocks. */
export function refused(findings: readonly Finding[]): void {
  const blocking = findings.filter(({ standing }) => standing?.status === "blocks")
  if (blocking.length === 0) return
  throw new Fault("policy", {
    what: `the policy refuses the plan: ${plural(blocking.length, "finding")}\n${blocking.map(line).join("\n")}`,
    where: null,
    fix: "change the configuration, or permit these changes in slipway.yaml (terraform.permissions), and run `infra plan` again",
  })
}

function line({ rule, message, file, line, standing }: Finding): string {
  const place = file === null ? "" : ` at ${file}:${line ?? 1}`
  return `  ${standing?.status ?? "reported"}: ${message} [${rule}]${place}: ${standing?.why ?? ""}`
}
