/** The bake time: watches alarms, metrics and tasks of the new release under real traffic. */
import { alarmStates, metricValue } from "../aws/cloudwatch.ts"
import { type Judged, judgeAlarm, judgeMetric } from "../core/checks.ts"
import { Ended, end, NeedsRollback } from "../core/outcome.ts"
import { type Done, did, type Step, skipped } from "../core/step.ts"
import { duration } from "../core/text.ts"
import { minutes } from "../core/wait.ts"
import type { Bake } from "../environment.ts"
import type { Context } from "./context.ts"
import { failedTasks } from "./explain.ts"
import { assertOurs, expectedBy } from "./health.ts"
import { wrongLive } from "./proof.ts"

/** How often alarms are checked, in milliseconds. */
const LOOK_MS = 10_000

async function alarms({ aws, clock, book }: Context, { alarms }: Bake): Promise<readonly Judged[]> {
  const states = await alarmStates(aws.cloudwatch, clock, alarms)
  const { ringing } = book.journal()
  return alarms.map((name) => {
    const judged = judgeAlarm(name, states.get(name) ?? "", ringing.includes(name))
    return { ...judged, name: `alarm ${name}` }
  })
}

async function metrics(context: Context, { metrics }: Bake, from: number): Promise<readonly Judged[]> {
  const range = { from, to: context.clock.now() }
  return Promise.all(
    metrics.map(async (metric) => {
      const judged = judgeMetric(
        metric,
        await metricValue(context.aws.cloudwatch, context.clock, metric, range),
      )
      return { ...judged, name: `metric ${metric.name}` }
    }),
  )
}

const textOf = ({ name, note }: Judged): string => `${name} ${note}`

function assertNoneFailed(judged: readonly Judged[]): void {
  const failed = judged.filter(({ judgement }) => judgement === "failed")
  if (failed.length > 0) throw new NeedsRollback(`during the bake time, ${failed.map(textOf).join("; ")}`)
}

/** Failed tasks that make a release bad. ECS's circuit breaker no longer counts them. A single one may be chance. */
const FAILURES = 2

async function assertNoTaskFails(context: Context, from: number): Promise<void> {
  for (const { service, revision } of expectedBy(context)) {
    const dead = (await failedTasks(context, service, [revision])).filter(
      ({ stoppedAt }) => (stoppedAt?.getTime() ?? 0) >= from,
    )
    if (dead.length >= FAILURES)
      throw new NeedsRollback(
        `tasks of ${service.name} failed after they were healthy: ${dead.length} since the rollout`,
      )
  }
}

/** Asks a person about inconclusive results, or applies the answer. */
function settle(context: Context, judged: readonly Judged[]): string {
  const open = judged.filter(({ judgement }) => judgement === "inconclusive")
  if (open.length === 0) return ""
  const { answer, run } = context.request
  const texts = open.map(textOf).join("; ")
  if (answer === "rollback") throw new NeedsRollback(`${run.actor} answered rollback: ${texts}`)
  if (answer === "continue") {
    context.reporter.audit("answer", { answer, by: run.actor, inconclusive: texts })
    return `; ${run.actor} answered continue: ${texts}`
  }
  throw new Ended(
    end("still-running", `the new release is live, but its bake time was inconclusive: ${texts}`, {
      ask: "Is the new release good?",
      todo: ["check the application, then run again with `--answer continue` or `--answer rollback`"],
    }),
  )
}

async function run(context: Context): Promise<Done> {
  const { request, clock, book } = context
  const { bake } = request.environment
  if (bake === null) return skipped("no bake time configured")
  const from = book.journal().bake ?? clock.now()
  if (book.journal().bake === null) await book.note({ bake: from })
  const until = from + minutes(bake.minutes)
  for (;;) {
    await assertOurs(context)
    await assertNoTaskFails(context, from)
    const rung = await alarms(context, bake)
    assertNoneFailed(rung)
    const left = until - clock.now()
    if (left > 0) {
      await clock.sleep(Math.min(LOOK_MS, left))
      continue
    }
    const wrong = await wrongLive(context, expectedBy(context))
    if (wrong !== null) throw new NeedsRollback(`at the end of the bake time, ${wrong}`)
    const judged = [...rung, ...(await metrics(context, bake, from))]
    assertNoneFailed(judged)
    const note = settle(context, judged)
    return did(`no alarm for ${duration(minutes(bake.minutes))}${note}`)
  }
}

export const bake: Step<Context> = { name: "bake", minutes: 48 * 60, once: false, run }
