/** The migration in the model, and what is waited for before it. */
import { end } from "../../../../modules/deploy/program/core/outcome.ts"
import { type Done, did, ended, skipped } from "../../../../modules/deploy/program/core/step.ts"
import type { Course, Run } from "./run.ts"
import { HOUR, SECOND } from "./world.ts"

/** A little less than the platform knows the token of a task. */
const TOKEN_MS = 23 * HOUR

export function* settle(run: Run): Course<Done> {
  const moving = yield* calm(run)
  if (moving !== null) return moving
  const { running } = run.world.ledger
  if (running === null || running.number === run.journal().number) return skipped("none")
  if (run.request.environment.migration === null) return skipped("no migration")
  yield* run.wait(30 * SECOND)
  const task = run.world.tasks.find(({ token }) => token === running.token)
  if (task?.running && run.dice.chance(run.odds().slow)) return ended(end("refused", "may still run"))
  if (task) task.running = false
  yield* run.note({}, { running: null })
  return did("ended")
}

/** A contract migration waits until no older release is being deployed. */
function* calm(run: Run): Course<Done | null> {
  const { migration } = run.request.environment
  if (migration?.phase !== "contract" || run.journal().migration?.intent != null) return null
  for (let turns = 0; run.world.rollouts.size > 0; turns += 1) {
    if (turns > 5) return ended(end("refused", "a service is still being deployed"))
    yield* run.wait(30 * SECOND)
  }
  return null
}

const unknown = () => ended(end("failed", "the result of the migration is unknown", { resumable: true }))

export function* migration(run: Run): Course<Done> {
  const { migration } = run.request.environment
  const journal = run.journal()
  if (migration === null) return skipped("none")
  const known = journal.migration
  if (known?.intent != null && known.task === null && run.clock() - known.intent > TOKEN_MS) return unknown()
  const token = `${journal.number}`
  const state = {
    phase: migration.phase,
    token,
    definition: "d",
    task: known?.task ?? null,
    intent: known?.intent ?? run.clock(),
    exitCode: null,
  }
  const running = { number: journal.number, token, task: state.task, container: "m", since: run.clock() }
  yield* run.note({ migration: state }, { running })
  if (known?.intent == null && run.dice.chance(run.odds().bad / 4)) {
    yield* run.note({ migration: { ...state, intent: null } }, { running: null })
    return ended(end("failed", "the migration did not run"))
  }
  if (state.task === null) {
    yield* run.effect(() => {
      run.world.runTask(token)
      if (migration.phase === "contract") run.world.promises.contract(journal.number)
    })
    yield* run.note({ migration: { ...state, task: "t" } }, { running: { ...running, task: "t" } })
  }
  yield* run.wait(60 * SECOND)
  if (run.dice.chance(run.odds().slow)) return ended(end("still-running", "it takes long"))
  for (const task of run.world.tasks) if (task.token === token) task.running = false
  const exitCode = run.dice.chance(run.odds().bad) ? 1 : 0
  yield* run.note({ migration: { ...state, task: "t", exitCode } }, { running: null })
  if (exitCode !== 0) return ended(end("failed", "the migration failed"))
  yield* run.note({ done: [...run.journal().done, "migration"] })
  return did("applied")
}
