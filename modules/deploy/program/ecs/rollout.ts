/** Rolls all services out as one set. */
import { alarmStates } from "../aws/cloudwatch.ts"
import { configurationOf, RefusedUpdate } from "../aws/deployments.ts"
import { underWay } from "../core/journal.ts"
import { type End, end, replacedBy } from "../core/outcome.ts"
import { mayReturn } from "../core/release.ts"
import { bad, type Done, did, ended, type Step } from "../core/step.ts"
import { listed, plural } from "../core/text.ts"
import { minutes } from "../core/wait.ts"
import type { Context } from "./context.ts"
import { keep } from "./keep.ts"
import { attend, BELOW, noPauses } from "./pauses.ts"
import { isSteady, liveRevision, type Progress } from "./progress.ts"
import type { ServiceSeen } from "./service-seen.ts"
import { start } from "./start.ts"
import { look, rolloutSet, type Settled, type Watched, watch } from "./watch.ts"

/** Notes alarms that are already active: ECS would roll back because of them at once. */
async function noteRinging({ request, aws, clock, book, reporter }: Context): Promise<void> {
  const names = request.environment.bake?.alarms ?? []
  if (names.length === 0 || underWay(book.journal().services).length > 0) return
  const states = await alarmStates(aws.cloudwatch, clock, names)
  const ringing = names.filter((name) => states.get(name) === "ALARM")
  if (ringing.length > 0)
    reporter.say(
      `! already active and therefore ignored: ${plural(ringing.length, "alarm")} (${listed(ringing)})`,
    )
  await book.note({ ringing })
}

/** Returns what the services that are not started yet run: a person may have deployed something since. */
const nowOf = (set: readonly Watched[], seen: ReadonlyMap<string, ServiceSeen>) =>
  Object.fromEntries(
    set.flatMap(({ name, rolled }) => {
      const now = seen.get(name)
      if (now === undefined || rolled().intent !== null) return []
      return [[name, { revision: liveRevision(now) ?? "", steady: isSteady(now) }] as const]
    }),
  )

/** Starts every service that the release changes. @returns how the step ends if ECS rejects one; null: all are under way. */
async function startAll(context: Context): Promise<Done | null> {
  const { request, book, reporter } = context
  const { services, bake } = request.environment
  const { ringing, before } = book.journal()
  const set = rolloutSet(context)
  const seen = await look(context, set)
  const alarms = (bake?.alarms ?? []).filter((name) => !ringing.includes(name))
  const returns = mayReturn(book.ledger(), before) && mayReturn(book.ledger(), nowOf(set, seen))
  if (!returns) reporter.say(`  ECS does not roll back by itself: ${BELOW}`)
  for (const watched of set) {
    const service = services.find(({ name }) => name === watched.name)
    const now = seen.get(watched.name)
    if (!service || !now) continue
    try {
      const settings = configurationOf(service, returns, alarms, now.configuration)
      const how = await start(context, watched, now, settings)
      if (how === "kept") await keep(context, watched, now, settings)
      if (how === "adopted") reporter.say(`  ${watched.name}: already in progress`)
    } catch (error) {
      // Where nothing was changed yet, there is nothing to roll back: the next run continues the release.
      if (!(error instanceof RefusedUpdate) || underWay(book.journal().services).length === 0) throw error
      return bad(error.what, { cause: error.message, fixes: [error.fix] })
    }
  }
  return null
}

/** Returns who let ECS roll back, and why; null: nobody, it did so by itself. */
function answeredBack({ book }: Context): string | null {
  const answer = book.journal().answers.find((one) => one.answer === "rollback")
  return answer === undefined ? null : (answer.why ?? `${answer.by} answered rollback`)
}

/** Returns why a settled set is not live; null if it is live or paused. */
function judged(context: Context, settled: Settled): Done | null {
  const named = (kind: Progress["kind"]) => [...settled].find(([, progress]) => progress.kind === kind)
  const replaced = named("superseded")
  if (replaced && replaced[1].kind === "superseded") return ended(replacedBy(replaced[1].by, replaced[0]))
  for (const kind of ["rollback-failed", "failed", "rolled-back"] as const) {
    const found = named(kind)
    if (!found || !("why" in found[1])) continue
    const asked = kind === "rolled-back" ? answeredBack(context) : null
    return bad(asked ?? `${found[0]} did not start: ${found[1].why}`)
  }
  return null
}

const incomplete = (limit: number): End =>
  end("still-running", `the rollout is not complete after ${limit} min; ECS continues it`, {
    todo: [
      "run again to keep watching: nothing is started twice",
      "to return to the last proven-good release now: `rollback`",
    ],
  })

/** How often deployments that wait are looked at, in milliseconds: an analysis measures in minutes. */
const WAITING_MS = 5_000
const MEASURING_MS = 15_000

async function run(context: Context): Promise<Done> {
  const { request, clock } = context
  await noteRinging(context)
  const stopped = await startAll(context)
  if (stopped !== null) return stopped
  const limit = Math.max(...request.environment.services.map(({ timeoutMinutes }) => timeoutMinutes))
  const pauses = noPauses()
  const shown = new Map<string, string>()
  for (;;) {
    const settled = await watch(context, rolloutSet(context), minutes(limit), shown)
    if (settled === null) return ended(incomplete(limit))
    const end = judged(context, settled)
    if (end !== null) return end
    if ([...settled.values()].every(({ kind }) => kind === "live"))
      return did(`${listed([...settled.keys()])} live`)
    const waits = await attend(context, settled, pauses)
    if (waits !== null) return waits
    await clock.sleep(pauses.measured.size > 0 ? MEASURING_MS : WAITING_MS)
  }
}

export const rollout: Step<Context> = { name: "rollout", minutes: 48 * 60, once: false, run }
