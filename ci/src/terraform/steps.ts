import type { CommandStep } from "../run/command.js"
import { quote } from "../run/command.js"
import { Fault } from "../run/fault.js"
import { runCommand } from "../run/run-command.js"
import type { Command, Ran } from "../run/stage.js"
import { TOOLS } from "./container.js"
import { refusal } from "./refusal.js"
import { errorOf } from "./said.js"
import { GRACE, STOPPED, supervised } from "./scripts.js"
import { flagOf, type Work } from "./work.js"

/** Seconds that a lock is waited for. */
const LOCK_TIMEOUT = "60s"

/** Downloads providers and modules. Needs neither AWS nor a state, so the engine caches it. */
export async function prepared(work: Work, doing: string): Promise<Work> {
  const run = `${work.at} init -backend=false -input=false -no-color${lockMode(work)}`
  const step = { name: "init", run, timeout: 900, attempts: 2, final: "Invalid|Unsupported|not found" }
  const { container } = await done(doing, { container: work.container, steps: [step] })
  return { ...work, container }
}

/** An existing lock file must be complete: it is not changed. */
const lockMode = ({ present }: Work): string => (present.lockFile === null ? "" : " -lockfile=readonly")

/** Returns the first steps of every operation: they open the state. */
export function opening(work: Work): readonly CommandStep[] {
  const { at, present } = work
  const backend = quote(`-backend-config=${TOOLS}/backend.tfbackend`)
  const init = `${at} init -input=false -no-color${lockMode(work)} ${backend}`
  const select = `${at} workspace select -no-color -or-create ${quote(present.workspace)}`
  return [
    // A request to stop meant the previous run.
    { name: "begin", run: `rm -f ${flagOf(present)}`, timeout: 60 },
    { name: "init", run: init, timeout: 900 },
    ...(present.workspace === "default" ? [] : [{ name: "workspace", run: select, timeout: 120 }]),
  ]
}

/**
 * Returns a step that holds the state's lock, with time to release it.
 *
 * @param run what makes a shell command of the supervised one.
 */
export const holding = (
  { present }: Work,
  name: string,
  command: string,
  seconds: number,
  run = (supervised: string) => supervised,
): CommandStep => ({
  name,
  run: run(
    supervised(`${command} -input=false -no-color -lock-timeout=${LOCK_TIMEOUT}`, seconds, flagOf(present)),
  ),
  timeout: seconds + GRACE,
})

/** Runs steps. @throws {Fault} for a failed step, by Terraform's output. */
export async function done(doing: string, command: Command): Promise<Ran> {
  const ran = await runCommand(command)
  if (ran.failed !== null) throw failure(doing, ran)
  return ran
}

/** Turns a failed step into a fault. */
export function failure(doing: string, { failed, log }: Pick<Ran, "failed" | "log">): Fault {
  if (failed?.exitCode === STOPPED || failed?.timedOut)
    return new Fault("timed-out", {
      what: `${doing} was stopped by its timeout or \`infra stop\`; Terraform finished its current operation and wrote the state: ${errorOf(log.text)}`,
      where: null,
      fix: "run `infra plan` again: the state holds what was done, and the plan is stale",
    })
  return refusal(doing, failed?.name ?? doing, log.text, Date.now())
}
