/** Runs steps one after the other; each leaves a line, an audit entry, and a note for a rerun. */
import type { Clock } from "../clock.ts"
import type { Given } from "../given.ts"
import { Ended, NeedsRollback, StepTimedOut } from "../plan/outcome.ts"
import type { Done, Step } from "./step.ts"
import { minutes } from "./wait.ts"

/** A clock that ends a step that takes too long at its next wait. */
function limited(clock: Clock, step: Step): Clock {
  const deadline = clock.now() + minutes(step.minutes)
  return {
    ...clock,
    sleep: async (milliseconds) => {
      if (clock.now() >= deadline) throw new StepTimedOut(step.name, step.minutes)
      await clock.sleep(Math.min(milliseconds, deadline - clock.now()))
    },
  }
}

const doneBefore = ({ book }: Given, step: Step): boolean =>
  step.once && (book.ledger().inflight?.done.includes(step.name) ?? false)

async function runStep(given: Given, step: Step): Promise<Done> {
  if (doneBefore(given, step)) return { skipped: "done by an earlier run of this release" }
  const clock = limited(given.clock, step)
  const done = await step.run({ ...given, clock, cluster: { ...given.cluster, clock } })
  if (step.once && "did" in done) await given.book.note({ done: [...given.book.journal().done, step.name] })
  return done
}

/** @throws what a step throws, after noting it. */
export async function runSteps(given: Given, steps: readonly Step[], assertHeld: () => void): Promise<void> {
  for (const step of steps) {
    assertHeld()
    const begun = given.clock.now()
    const entry = (verdict: "done" | "skipped" | "ended" | "failed", note: string) =>
      given.reporter.step({ step: step.name, verdict, milliseconds: given.clock.now() - begun, note })
    try {
      const done = await runStep(given, step)
      if ("did" in done) entry("done", done.did)
      else entry("skipped", done.skipped)
    } catch (error) {
      const ends = error instanceof Ended && !(error instanceof NeedsRollback)
      entry(ends ? "ended" : "failed", error instanceof Error ? error.message : String(error))
      throw error
    }
  }
}
