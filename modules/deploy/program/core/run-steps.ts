/** Runs steps in order. Each leaves a line, an audit entry, and a note for a rerun. */
import type { Clock } from "./clock.ts"
import type { RunContext } from "./context.ts"
import { Ended, NeedsRollback, StepTimedOut } from "./outcome.ts"
import type { Done, Step } from "./step.ts"
import { minutes } from "./wait.ts"

/** Returns a clock that ends an overdue step at its next wait. */
function limited(clock: Clock, step: Step<never>): Clock {
  const deadline = clock.now() + minutes(step.minutes)
  return {
    ...clock,
    sleep: async (milliseconds) => {
      if (clock.now() >= deadline) throw new StepTimedOut(step.name, step.minutes)
      await clock.sleep(Math.min(milliseconds, deadline - clock.now()))
    },
  }
}

const doneBefore = ({ book }: RunContext, step: Step<never>): boolean =>
  step.once && (book.ledger().inflight?.done.includes(step.name) ?? false)

/** Returns a context with another clock. */
type WithClock<C> = (context: C, clock: Clock) => C

async function runStep<C extends RunContext>(
  context: C,
  step: Step<C>,
  withClock: WithClock<C>,
): Promise<Done> {
  if (doneBefore(context, step)) return { skipped: "done by an earlier run of this release" }
  const done = await step.run(withClock(context, limited(context.clock, step)))
  if (step.once && "did" in done)
    await context.book.note({ done: [...context.book.journal().done, step.name] })
  return done
}

/** @throws what a step throws, after recording it. */
export async function runSteps<C extends RunContext>(
  context: C,
  steps: readonly Step<C>[],
  withClock: WithClock<C>,
  assertHeld: () => void,
): Promise<void> {
  for (const step of steps) {
    assertHeld()
    const begun = context.clock.now()
    const entry = (verdict: "done" | "skipped" | "ended" | "failed", note: string) =>
      context.reporter.step({ step: step.name, verdict, milliseconds: context.clock.now() - begun, note })
    try {
      const done = await runStep(context, step, withClock)
      if ("did" in done) entry("done", done.did)
      else entry("skipped", done.skipped)
    } catch (error) {
      const ends = error instanceof Ended && !(error instanceof NeedsRollback)
      entry(ends ? "ended" : "failed", error instanceof Error ? error.message : String(error))
      throw error
    }
  }
}
