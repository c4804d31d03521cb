import type { CommandStep } from "../run/command.js"
import { quote } from "../run/command.js"
import { Fault } from "../run/fault.js"
import { runCommand } from "../run/run.js"
import type { Command, Ran } from "../run/stage.js"
import { TOOLS } from "./container.js"
import { refusal } from "./refusal.js"
import { errorOf } from "./said.js"
import { GRACE, STOPPED, supervised } from "./scripts.js"
import { flagOf, type Work } from "./work.js"

/** Seconds that a lock is waited for. */
const LOCK_TIMEOUT = "60s"

/** Gets providers and modules. It asks neither AWS nor a state: the engine remembers it. */
export async function prepared(work: Work, doing: string): Promise<Work> {
  const run = `${work.at} init -backend=false -input=false -no-color${lockMode(work)}`
  const step = { name: "init", run, timeout: 900, attempts: 2, final: "Invalid|Unsupported|not found" }
  const { container } = await done(doing, { container: work.container, steps: [step] })
  return { ...work, container }
}

/** A lock file that is there must have all: it is not changed by the way. */
const lockMode = ({ present }: Work): string => (present.lockFile === null ? "" : " -lockfile=readonly")

/** Opens the state: the first steps of all else. */
export function opening(work: Work): readonly CommandStep[] {
  const { at, present } = work
  const backend = quote(`-backend-config=${TOOLS}/backend.tfbackend`)
  const init = `${at} init -input=false -no-color${lockMode(work)} ${backend}`
  const select = `${at} workspace select -no-color -or-create ${quote(present.workspace)}`
  return [
    // A word to stop that was for the last run is none for this.
    { name: "begin", run: `rm -f ${flagOf(present)}`, timeout: 60 },
    { name: "init", run: init, timeout: 900 },
    ...(present.workspace === "default" ? [] : [{ name: "workspace", run: select, timeout: 120 }]),
  ]
}

/**
 * A step that holds the state's lock: it is given the time to give it back.
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

/** Runs steps. @throws {Fault} for one that fails, by what Terraform said. */
export async function done(doing: string, command: Command): Promise<Ran> {
  const ran = await runCommand(command)
  if (ran.failed !== null) throw failure(doing, ran)
  return ran
}

/** A failed step as a fault. */
export function failure(doing: string, { failed, log }: Pick<Ran, "failed" | "log">): Fault {
  if (failed?.exitCode === STOPPED || failed?.timedOut)
    return new Fault("timed-out", {
      what: `${doing} was told to stop, by its time or by \`infra stop\`: it ended what it began and wrote the state. It said: ${errorOf(log.text)}`,
      where: null,
      fix: "plan again: what was done by then stands in the state, and the plan is stale",
    })
  return refusal(doing, failed?.name ?? doing, log.text, Date.now())
}
