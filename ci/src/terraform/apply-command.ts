import { type Directory, dag } from "@dagger.io/dagger"
import { canonicalDigest } from "../formats/canonical.js"
import { parseJson, recordOf } from "../formats/json.js"
import { Fault } from "../run/fault.js"
import type { Request, Secrets } from "../run/request.js"
import { runCommand } from "../run/run-command.js"
import { type Binding, bindingSchema, readState, stale } from "./binding.js"
import { type Permit, permitted } from "./permission.js"
import { judged, make } from "./plan-command.js"
import { isPlan, type Plan, readPlan } from "./plan-json.js"
import { refused } from "./policy-command.js"
import {
  KEY,
  OUTPUTS,
  PUBLIC_OUTPUTS,
  RESCUE,
  RESCUED,
  SEALED,
  STATE,
  STATE_NAME,
  UNSEAL,
} from "./scripts.js"
import { done, failure, holding, opening, prepared } from "./steps.js"
import { headline } from "./summary.js"
import { opened as unsealed } from "./unseal-command.js"
import { awsSecrets, now, open, TEMP, type Work } from "./work.js"

const APPLY_SECONDS = 7200

/** An unsealed plan. */
interface Saved {
  readonly binding: Binding
  readonly changes: Plan
  readonly sealed: string
}

/**
 * Applies exactly a saved plan, if its commit, configuration, lock file and state are unchanged and the policy allows it.
 *
 * @param permit what allows the apply: apply.json records it.
 * @returns apply.json and the outputs that are not sensitive.
 */
export async function apply(request: Request, folder: Directory, permit: Permit): Promise<Directory> {
  // The binding is also beside the sealed plan, so that its environment is known before the key is checked.
  const beside = readBinding(await folder.file("binding.json").contents())
  const work = await open(request, beside.environment, [])
  permitted(work.config, beside.environment, permit)
  const saved = await openPlan(folder, beside, work.secrets)
  checkFresh(stale(saved.binding, { ...work.present, state: saved.binding.state }))
  refused(judged(work, saved.changes))
  const ready = await opened(await prepared(work, "apply"), saved.binding)
  const outputs = await run(ready, saved)
  const record = {
    schema: 1,
    outcome: "applied",
    headline: headline(saved.changes),
    approver: permit.approver,
    verified: permit.by === "deployment",
    breakGlass: permit.by === "name" && permit.breakGlass !== "" ? permit.breakGlass : null,
    at: new Date().toISOString(),
    binding: saved.binding,
    actor: work.context.actor,
    run: work.context.url,
  }
  return dag
    .directory()
    .withNewFile("apply.json", `${JSON.stringify(record, null, 2)}\n`)
    .withNewFile("outputs.json", `${JSON.stringify(outputs, null, 2)}\n`)
}

/** Returns the environment that a saved plan is for. */
export const environmentOfPlan = async (folder: Directory): Promise<string> =>
  readBinding(await folder.file("binding.json").contents()).environment

/** Plans again. @returns how many resources and outputs would change: none, once a saved plan is applied. */
export async function leftToChange(request: Request, folder: Directory): Promise<number> {
  const work = await prepared(await open(request, await environmentOfPlan(folder), []), "apply")
  const { changes, outputs } = readPlan((await make(work, "apply", "")).json)
  return [...changes, ...outputs].filter(({ action }) => action !== "read").length
}

function readBinding(text: string): Binding {
  const read = bindingSchema.safeParse(parseJson(text), { jitless: true })
  if (read.success) return read.data
  throw new Fault("configuration", {
    what: "binding.json was not written by `infra plan`",
    where: null,
    fix: "pass the whole folder that `infra plan` exported: `--plan plan/`",
  })
}

async function openPlan(folder: Directory, beside: Binding, secrets: Secrets): Promise<Saved> {
  const sealed = await folder.file("plan.sealed").contents()
  const inner = recordOf(parseJson(await unsealed(secrets, sealed)))
  const binding = readBinding(JSON.stringify(inner.binding ?? null))
  const { changes } = inner
  if (!isPlan(changes)) throw new Error("a sealed plan without its changes")
  if (canonicalDigest(binding) !== canonicalDigest(beside))
    checkFresh(["binding.json differs from the one sealed in the plan"])
  return { binding, changes, sealed }
}

function checkFresh(reasons: readonly string[]): void {
  if (reasons.length === 0) return
  throw new Fault("stale", {
    what: `the plan is stale: ${reasons.join("; ")}`,
    where: null,
    fix: "run `infra plan` again, review the new plan, and apply it",
  })
}

/** Opens the state. @throws {Fault} `stale` if it is not the state of the plan. */
async function opened(work: Work, binding: Binding): Promise<Work> {
  const { container } = await done("apply", {
    container: now(work.container),
    steps: [
      ...opening(work),
      { name: "read the state", run: `${work.at} state pull | ${STATE_NAME}`, timeout: 300 },
    ],
    secrets: awsSecrets(work.secrets),
  })
  const state = readState(await container.file(STATE).contents())
  checkFresh(stale(binding, { ...work.present, state }))
  return { ...work, container }
}

async function run(work: Work, saved: Saved): Promise<object> {
  const { at, root, secrets } = work
  const folder = root === "" ? "." : root
  const ran = await runCommand({
    container: now(work.container).withNewFile(SEALED, saved.sealed),
    steps: [
      { name: "open the plan", run: UNSEAL, timeout: 120 },
      holding(
        work,
        "apply",
        `${at} apply`,
        APPLY_SECONDS,
        (supervised) =>
          // A saved plan already has its options.
          `${supervised} ${TEMP}/plan || { code=$?; ${at} state push -no-color errored.tfstate 2>/dev/null && rm -f ${folder}/errored.tfstate; ${RESCUE} ${folder}; exit $code; }`,
      ),
      { name: "outputs", run: `${at} output -json -no-color | ${PUBLIC_OUTPUTS}`, timeout: 300 },
    ],
    secrets: { ...awsSecrets(secrets), ...(secrets.planKey ? { [KEY]: secrets.planKey } : {}) },
    reports: [OUTPUTS, RESCUED],
  })
  if (ran.failed === null) return recordOf(parseJson(ran.reports[OUTPUTS]))
  const fault = failure("apply", ran)
  const rescued = ran.reports[RESCUED]
  if (rescued === undefined) throw fault
  const { name } = work.program
  throw new Fault(fault.code, {
    what: `${fault.what}\nThe state of workspace ${work.present.workspace} could not be written. It follows, sealed with the plan key:\n${rescued}`,
    where: folder,
    fix: `save the lines from slipway-sealed-1 on as errored.sealed, and before anything else, as soon as the backend takes it: \`infra unseal --sealed errored.sealed export --path errored.tfstate\`, and \`${name} state push errored.tfstate\` in this root and workspace`,
  })
}
