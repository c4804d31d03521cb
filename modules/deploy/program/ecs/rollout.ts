/** Rolls all services out as one set. */
import { alarmStates } from "../aws/cloudwatch.ts"
import { answerPause, configurationOf, rollbackConfigurationOf } from "../aws/deployments.ts"
import { AwsFault } from "../aws/retry.ts"
import { seeServices } from "../aws/services.ts"
import { Ended, end, NeedsRollback, replacedBy } from "../core/outcome.ts"
import { type Done, did, type Step } from "../core/step.ts"
import { listed, plural, utc } from "../core/text.ts"
import { minutes } from "../core/wait.ts"
import type { Context } from "./context.ts"
import { contracted } from "./migrate.ts"
import type { Progress } from "./progress.ts"
import { start } from "./start.ts"
import { HISTORY_MS, rolloutSet, type Settled, watch } from "./watch.ts"

/** Notes alarms that are already active: ECS would roll back because of them at once. */
async function noteRinging({ request, aws, clock, book, reporter }: Context): Promise<void> {
  const names = request.environment.bake?.alarms ?? []
  const begun = Object.values(book.journal().services).some(({ intent }) => intent !== null)
  if (names.length === 0 || begun) return
  const states = await alarmStates(aws.cloudwatch, clock, names)
  const ringing = names.filter((name) => states.get(name) === "ALARM")
  if (ringing.length > 0)
    reporter.say(
      `! already active and therefore ignored: ${plural(ringing.length, "alarm")} (${listed(ringing)})`,
    )
  await book.note({ ringing })
}

/** Errors after which the call may still have taken effect. */
const UNSURE: ReadonlySet<AwsFault["kind"]> = new Set(["busy", "unreachable", "credentials"])

/** @throws {Ended} `failed` if no service was changed: then there is nothing to roll back. */
function assertBegun({ book }: Context, service: string, fault: AwsFault): void {
  if (Object.values(book.journal().services).some(({ intent }) => intent !== null)) return
  throw new Ended(
    end("failed", `ECS rejected the new revision of ${service}; no service was changed`, {
      cause: fault.message,
      todo: [
        fault.kind === "denied"
          ? "grant the role this permission, and run again"
          : "fix what ECS reports, and run again",
      ],
    }),
  )
}

async function startAll(context: Context): Promise<void> {
  const { request, book, cluster, clock, reporter } = context
  const { services, bake } = request.environment
  const { action, ringing } = book.journal()
  const set = rolloutSet(context)
  const seen = await seeServices(
    cluster,
    set.map(({ name }) => name),
    clock.now() - HISTORY_MS,
  )
  const alarms = (bake?.alarms ?? []).filter((name) => !ringing.includes(name))
  for (const watched of set) {
    const service = services.find(({ name }) => name === watched.name)
    const now = seen.get(watched.name)
    if (!service || !now) continue
    const configuration =
      action === "rollback"
        ? rollbackConfigurationOf(service, bake !== null)
        : configurationOf(service, !contracted(context), alarms)
    try {
      const how = await start(context, watched, now, configuration)
      if (how !== "started")
        reporter.say(`  ${watched.name}: ${how === "adopted" ? "already in progress" : "already live"}`)
    } catch (error) {
      if (!(error instanceof AwsFault) || UNSURE.has(error.kind)) throw error
      await watched.note({ ...watched.rolled(), intent: null })
      assertBegun(context, watched.name, error)
      throw new NeedsRollback(`ECS rejected the new revision of ${watched.name}: ${error.message}`)
    }
  }
}

/** Passes the request's answer to hooks that wait. @returns false without an answer. */
async function answer(context: Context, settled: Settled): Promise<boolean> {
  const { request, aws, clock, reporter } = context
  const { answer } = request
  if (answer === null) return false
  for (const [name, progress] of settled) {
    if (progress.kind !== "paused") continue
    await answerPause(aws.ecs, clock, {
      serviceDeployment: progress.serviceDeployment,
      hookId: progress.pause.hookId,
      answer,
    })
    reporter.audit("answer", { service: name, answer, by: request.run.actor })
    reporter.say(`  ${name}: answered ${answer}`)
  }
  return true
}

/** Returns the end of a run that needs an answer. */
function question(settled: Settled): Ended {
  const paused = [...settled].filter(
    (entry): entry is [string, Progress & { kind: "paused" }] => entry[1].kind === "paused",
  )
  const first = paused[0]?.[1].pause
  const next = first?.otherwise === "CONTINUE" ? "continue" : "roll back"
  const by = first?.expires ? ` Without an answer, ECS will ${next} at ${utc(first.expires)}.` : ""
  return new Ended(
    end(
      "still-running",
      `ECS waits for an answer before it continues with ${listed(paused.map(([name]) => name))}`,
      {
        ask: `Is the new release of ${listed(paused.map(([name]) => name))} good?${by}`,
        todo: ["run again with `--answer continue` or `--answer rollback`"],
      },
    ),
  )
}

/** Returns why a settled set is not live; null if it is live or paused. */
function judged(settled: Settled): Error | null {
  const named = (kind: Progress["kind"]) => [...settled].find(([, progress]) => progress.kind === kind)
  const replaced = named("superseded")
  if (replaced && replaced[1].kind === "superseded") return new Ended(replacedBy(replaced[1].by, replaced[0]))
  for (const kind of ["rollback-failed", "failed", "rolled-back"] as const) {
    const found = named(kind)
    if (found && "why" in found[1]) return new NeedsRollback(`${found[0]} did not start: ${found[1].why}`)
  }
  return null
}

async function run(context: Context): Promise<Done> {
  const { request } = context
  await noteRinging(context)
  await startAll(context)
  const limit = Math.max(...request.environment.services.map(({ timeoutMinutes }) => timeoutMinutes))
  for (let answered = false; ; ) {
    const settled = await watch(context, rolloutSet(context), minutes(limit))
    if (settled === null)
      throw new Ended(
        end("still-running", `the rollout is not complete after ${limit} min; ECS continues it`, {
          todo: [
            "run again to keep watching: nothing is started twice",
            "to return to the last proven-good release now: `rollback`",
          ],
        }),
      )
    const bad = judged(settled)
    if (bad !== null) throw bad
    if ([...settled.values()].every(({ kind }) => kind === "live"))
      return did(`${listed([...settled.keys()])} live`)
    // An answered hook may stay visible for a moment. If one still waits after that, it is another hook.
    if (answered || !(await answer(context, settled))) throw question(settled)
    answered = true
    await context.clock.sleep(5_000)
  }
}

export const rollout: Step<Context> = { name: "rollout", minutes: 48 * 60, once: false, run }
