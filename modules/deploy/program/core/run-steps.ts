/** Runs a step. It leaves a line, an audit entry, and a note for a rerun. */
import type { Clock } from "./clock.ts"
import type { RunContext } from "./context.ts"
import { inflightOf } from "./ledger.ts"
import { Ended, StepTimedOut } from "./outcome.ts"
import { type Done, ended, type Step } from "./step.ts"
import { messageOf } from "./text.ts"
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
  step.once && (inflightOf(book.ledger())?.done.includes(step.name) ?? false)

/** Returns a context with another clock. */
type WithClock<C> = (context: C, clock: Clock) => C

async function result<C extends RunContext>(
  context: C,
  step: Step<C>,
  withClock: WithClock<C>,
): Promise<Done> {
  if (doneBefore(context, step)) return { skipped: "done by an earlier run of this release" }
  try {
    const done = await step.run(withClock(context, limited(context.clock, step)))
    if (step.once && "did" in done)
      await context.book.note({ done: [...context.book.journal().done, step.name] })
    return done
  } catch (error) {
    if (error instanceof Ended) return ended(error.end)
    throw error
  }
}

function entryOf(done: Done): readonly ["done" | "skipped" | "ended" | "failed", string] {
  if ("did" in done) return ["done", done.did]
  if ("skipped" in done) return ["skipped", done.skipped]
  return "ended" in done ? ["ended", done.ended.what] : ["failed", done.bad]
}

/** @throws what a step throws, after recording it. */
export async function runStep<C extends RunContext>(
  context: C,
  step: Step<C>,
  withClock: WithClock<C>,
): Promise<Done> {
  const begun = context.clock.now()
  const record = (verdict: "done" | "skipped" | "ended" | "failed", note: string) =>
    context.reporter.step({ step: step.name, verdict, milliseconds: context.clock.now() - begun, note })
  try {
    const done = await result(context, step, withClock)
    record(...entryOf(done))
    await context.trail.flush()
    return done
  } catch (error) {
    record("failed", messageOf(error))
    throw error
  }
}
