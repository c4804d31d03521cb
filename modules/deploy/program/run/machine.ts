/** Runs a request under the lease: does what `decide` says, until it says that the request is over. */

import { seeServices } from "../aws/services.ts"
import { fileNewest, fileRelease } from "../core/book.ts"
import { decide, type Next } from "../core/decide.ts"
import { breakGlassText } from "../core/opening.ts"
import type { End } from "../core/outcome.ts"
import { runStep } from "../core/run-steps.ts"
import type { Last, Seen, ServiceNow } from "../core/seen.ts"
import type { Done, StepName } from "../core/step.ts"
import type { Hold } from "../core/tenure.ts"
import { releaseText } from "../core/text.ts"
import { causeOf } from "../ecs/cause.ts"
import { type Context, withClock } from "../ecs/context.ts"
import { bundleOf } from "../ecs/explain.ts"
import { isSteady, liveRevision } from "../ecs/progress.ts"
import { HELD } from "./order.ts"
import { tellStart } from "./tell.ts"

/** Looks at what the services run. */
async function look(context: Context): Promise<Readonly<Record<string, ServiceNow>>> {
  const names = context.request.environment.services.map(({ name }) => name)
  const seen = await seeServices(context.cluster, names, null)
  const entries = [...seen].flatMap(([name, service]) => {
    const revision = liveRevision(service)
    return revision === null ? [] : [[name, { revision, steady: isSteady(service) }] as const]
  })
  return Object.fromEntries(entries)
}

/** Adds the likely cause to a bad result. */
async function explained(context: Context, done: Done): Promise<Last> {
  if (!("bad" in done)) return done
  context.found.bundle = await bundleOf(context, done.bad)
  if (done.known !== undefined) return { bad: done.bad, ...done.known }
  const known = causeOf(context.found.bundle)
  const fixes =
    known === null ? ["read the events and the log below, fix the release, and deploy again"] : [known.fix]
  return { bad: done.bad, cause: known?.cause ?? null, fixes }
}

/** Shows the line of the step `order`. */
const ordered = ({ reporter }: Context, note: string): void =>
  reporter.step({ step: "order", verdict: "done", milliseconds: 0, note })

async function open(context: Context, next: Next & { readonly do: "open" }): Promise<void> {
  const { book, bucket, request, tracker } = context
  // A run may have died between its last release and the file of it.
  await fileNewest(bucket, request.environment.name, book.ledger())
  if (next.closed !== null) await fileRelease(bucket, request.environment.name, next.closed)
  await book.save(next.ledger)
  ordered(context, next.text)
  if (next.closed !== null) await tracker.closes(next.closed)
  await starts(context)
}

async function adopt(context: Context, next: Next & { readonly do: "adopt" }): Promise<void> {
  const { book, request, reporter } = context
  const { number, run, done, breakGlass } = book.journal()
  // The ledger also has who used break-glass for a rerun.
  const broken = breakGlass ?? breakGlassText(request)
  if (broken !== breakGlass) await book.note({ breakGlass: broken })
  reporter.audit("adopted", { release: number, left: run.id, done })
  ordered(context, next.text)
  await starts(context)
}

/** Tells people that the release in flight starts, or goes on. */
async function starts(context: Context): Promise<void> {
  await tellStart(context)
  await context.tracker.starts(context.book.journal())
}

function announce({ book, reporter }: Context): void {
  const { back, action } = book.journal()
  if (back === null) return
  reporter.say(action === "rollback" ? `  ${back.why}` : `! ${back.why}`)
  reporter.say(`  rolling back to ${releaseText(back.to, back.commit)}`)
  for (const name of back.left) reporter.say(`  ${name}: not in release ${back.to}; left as it is`)
  reporter.audit("rollback", { to: back.to, commit: back.commit, why: back.why, left: back.left })
}

async function perform(context: Context, name: StepName): Promise<Last> {
  if (name === "order" || name === "audit") throw new Error("not a step under the lease")
  if (name === "stop") announce(context)
  context.duty.step(name)
  return explained(context, await runStep(context, HELD[name], withClock))
}

/** Reports the end of a request; the release that it opened is recorded. */
async function endedAt(
  { reporter }: Context,
  hold: Hold,
  { open, last }: Pick<Seen, "open" | "last">,
  end: End,
): Promise<End> {
  if (!open && (last === null || !("ended" in last)))
    reporter.step({ step: "order", verdict: "ended", milliseconds: 0, note: end.what })
  // The release of another request stays in flight.
  if (!open) return { ...end, resumable: true }
  // From here on the release is recorded: a rollback takes over before that, or not at all.
  await hold.changing()
  return end
}

const UNSEEN = { open: false, passed: new Set<StepName>(), last: null, services: null }

/**
 * @param leaves what a rollback was to leave before it waited for the lease.
 * @throws what a step throws whose end this run cannot see.
 */
export async function runMachine(context: Context, hold: Hold, leaves: Seen["leaves"]): Promise<End> {
  const { book, clock, request } = context
  let seen: Omit<Seen, "now" | "approvers"> = { ...UNSEEN, leaves }
  for (;;) {
    hold.assertHeld()
    const next = decide(book.ledger(), request, {
      ...seen,
      now: clock.now(),
      approvers: context.found.approvers.map(({ name }) => name),
    })
    switch (next.do) {
      case "end":
        return endedAt(context, hold, seen, next.end)
      case "look":
        seen = { ...seen, services: await look(context) }
        break
      case "open":
        await open(context, next)
        seen = { ...seen, open: true, services: null }
        break
      case "adopt":
        await adopt(context, next)
        seen = { ...seen, open: true, services: null }
        break
      case "turn":
        await book.note(next.change)
        seen = { ...seen, last: null, passed: new Set() }
        break
      case "step":
        seen = {
          ...seen,
          last: await perform(context, next.step),
          passed: new Set([...seen.passed, next.step]),
          services: null,
        }
    }
  }
}
