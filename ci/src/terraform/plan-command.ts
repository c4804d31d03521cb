import { randomBytes } from "node:crypto"
import { type Directory, dag, type Secret } from "@dagger.io/dagger"
import { parseJson, recordOf } from "../formats/json.js"
import { sarif } from "../formats/sarif.js"
import { Fault } from "../run/fault.js"
import type { Request } from "../run/request.js"
import type { Finding } from "../run/result.js"
import { VERSION } from "../run/version.js"
import { type Binding, readState, type StateId } from "./binding.js"
import { type Plan, readPlan } from "./plan-json.js"
import { judgePlan } from "./plan-policy.js"
import { BUNDLE, KEY, SEAL } from "./scripts.js"
import { SHORTEST_KEY, seal, unseal } from "./seal.js"
import { done, holding, opening, prepared } from "./steps.js"
import { summaryJson, summaryMarkdown } from "./summary.js"
import { awsSecrets, now, OUT, open, TEMP, type Work } from "./work.js"

const PLAN_SECONDS = 1800

/** Plans an environment. Returns the sealed plan, its redacted changes, and what the plan is bound to. */
export async function plan(
  request: Request,
  environment: string,
  variables: readonly string[],
): Promise<Directory> {
  const work = await prepared(await open(request, environment, variables), "plan")
  const key = await keyOf(work.secrets.planKey)
  const made = await make(work, "plan", "")
  const read = readPlan(made.json)
  const binding: Binding = {
    schema: 1,
    ...work.present,
    state: made.state,
    plan: made.digest,
    exitCode: made.exitCode,
    madeAt: new Date().toISOString(),
    actor: work.context.actor,
    run: work.context.url,
  }
  const findings = judged(work, read)
  const sealed = { binding, changes: read, plan: made.plan }
  const files = {
    "plan.sealed": seal(JSON.stringify(sealed), key),
    "plan.json": json(read),
    "binding.json": json(binding),
    "summary.json": json(summaryJson(read, binding, findings)),
    "summary.md": summaryMarkdown(read, binding, findings),
    "policy.sarif": planSarif(findings, read),
  }
  return Object.entries(files).reduce(
    (folder, [name, text]) => folder.withNewFile(name, text),
    dag.directory(),
  )
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`

/** Returns the findings of the policy of slipway.yaml for a plan. */
export const judged = ({ config, root, found }: Pick<Work, "config" | "root" | "found">, read: Plan) =>
  judgePlan(read.changes, { settings: config.terraform, root, sources: found.sources, now: Date.now() })

function planSarif(findings: readonly Finding[], { version, changes }: Plan): string {
  const what = `${changes.length} changes`
  const looked = { tool: "terraform", version, verdict: "passed", what, database: null } as const
  return sarif({ category: "terraform-plan", findings, looked: [looked], version: VERSION })
}

/** A plan as Terraform made it. It holds secrets: it stays in this process, or is sealed. */
export interface Made {
  /** As Terraform saved it, in base64. */
  readonly plan: string
  readonly digest: string
  /** As `show -json` has it. */
  readonly json: string
  readonly state: StateId | null
  readonly exitCode: 0 | 2
}

/**
 * Runs `plan` and returns the plan. In the engine's cache it is encrypted with a key of this run alone.
 *
 * @param options more options of `plan`.
 */
export async function make(work: Work, doing: string, options: string): Promise<Made> {
  const { at, variables, secrets } = work
  const key = randomBytes(32).toString("hex")
  const saved = `${TEMP}/plan`
  const command = `${at} plan -detailed-exitcode -out=${saved} ${[options, ...variables].join(" ").trim()}`
  // The output of plan may show sensitive values: it stays in memory unless plan fails.
  const kept = (run: string) =>
    `code=0; ${run} >${TEMP}/said || code=$?; case $code in 0|2) echo $code >${OUT}/code ;; *) exit $code ;; esac`
  const { container } = await done(doing, {
    container: now(work.container),
    steps: [
      ...opening(work),
      holding(work, "plan", command, PLAN_SECONDS, kept),
      { name: "read the plan", run: `${at} show -json ${saved} >${TEMP}/plan.json`, timeout: 300 },
      { name: "read the state", run: `${at} state pull >${TEMP}/state.json`, timeout: 300 },
      { name: "seal the plan", run: SEAL, timeout: 120 },
    ],
    secrets: { ...awsSecrets(secrets), [KEY]: dag.setSecret("slipway-run-key", key) },
  })
  const [sealed, code] = await Promise.all([
    container.file(BUNDLE).contents(),
    container.file(`${OUT}/code`).contents(),
  ])
  const bundle = recordOf(parseJson(unseal(sealed, key)))
  return {
    plan: String(bundle.plan),
    digest: String(bundle.digest),
    json: String(bundle.json),
    state: readState(String(bundle.state)),
    exitCode: code.trim() === "0" ? 0 : 2,
  }
}

/** Returns the key that plans are sealed with. @throws {Fault} `token` if it is missing or too short. */
export async function keyOf(secret: Secret | undefined): Promise<string> {
  const key = (await secret?.plaintext())?.trim() ?? ""
  if (key.length >= SHORTEST_KEY) return key
  throw new Fault("token", {
    what: key === "" ? "the plan key is missing" : `the plan key has fewer than ${SHORTEST_KEY} characters`,
    where: null,
    fix: "pass `--plan-key env://NAME` before the function. `openssl rand -base64 32` makes a key",
  })
}
