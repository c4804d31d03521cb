/** The bake time: alarms and metrics of the new release, under real traffic. */
import { alarmStates, metricValue } from "../aws/cloudwatch.ts"
import type { Bake } from "../environment.ts"
import type { Given } from "../given.ts"
import { type Judged, judgeAlarm, judgeMetric } from "../plan/checks.ts"
import { Ended, end, NeedsRollback } from "../plan/outcome.ts"
import { duration } from "../plan/text.ts"
import { troubled } from "./failure.ts"
import { assertOurs, meantBy } from "./health.ts"
import { wrongLive } from "./proof.ts"
import { type Done, did, type Step, skipped } from "./step.ts"
import { minutes } from "./wait.ts"

/** How often alarms are looked at, in milliseconds. */
const LOOK_MS = 10_000

async function alarms({ aws, clock, book }: Given, { alarms }: Bake): Promise<readonly Judged[]> {
  const states = await alarmStates(aws.cloudwatch, clock, alarms)
  const { ringing } = book.journal()
  return alarms.map((name) => {
    const judged = judgeAlarm(name, states.get(name) ?? "", ringing.includes(name))
    return { ...judged, name: `alarm ${name}` }
  })
}

async function metrics(given: Given, { metrics }: Bake, from: number): Promise<readonly Judged[]> {
  const range = { from, to: given.clock.now() }
  return Promise.all(
    metrics.map(async (metric) => {
      const judged = judgeMetric(metric, await metricValue(given.aws.cloudwatch, given.clock, metric, range))
      return { ...judged, name: `metric ${metric.name}` }
    }),
  )
}

const textOf = ({ name, note }: Judged): string => `${name} ${note}`

function assertNoneFailed(judged: readonly Judged[]): void {
  const failed = judged.filter(({ judgement }) => judgement === "failed")
  if (failed.length > 0) throw new NeedsRollback(`during the bake time, ${failed.map(textOf).join("; ")}`)
}

/** Deaths since the bake time began that ECS's circuit breaker no longer counts. One may be chance. */
const DEATHS = 2

async function assertNoneDie(given: Given, from: number): Promise<void> {
  for (const { service, revision } of meantBy(given)) {
    const dead = (await troubled(given, service, [revision])).filter(
      ({ stoppedAt }) => (stoppedAt?.getTime() ?? 0) >= from,
    )
    if (dead.length >= DEATHS)
      throw new NeedsRollback(
        `tasks of ${service.name} die after they were healthy: ${dead.length} since the rollout`,
      )
  }
}

/** What could not be told is for a person to say. */
function settle(given: Given, judged: readonly Judged[]): string {
  const open = judged.filter(({ judgement }) => judgement === "inconclusive")
  if (open.length === 0) return ""
  const { answer, run } = given.request
  const texts = open.map(textOf).join("; ")
  if (answer === "rollback") throw new NeedsRollback(`${run.actor} answered rollback, as ${texts}`)
  if (answer === "continue") {
    given.reporter.audit("answer", { answer, by: run.actor, inconclusive: texts })
    return `; ${run.actor} answered continue to ${texts}`
  }
  throw new Ended(
    end(
      "still-running",
      `the new release is live, and its bake time could not tell whether it is good: ${texts}`,
      {
        ask: "Is the new release good?",
        todo: ["look at the application, then run again with --answer continue, or with --answer rollback"],
      },
    ),
  )
}

async function run(given: Given): Promise<Done> {
  const { request, clock, book } = given
  const { bake } = request.environment
  if (bake === null) return skipped("no bake time is configured")
  const from = book.journal().bake ?? clock.now()
  if (book.journal().bake === null) await book.note({ bake: from })
  const until = from + minutes(bake.minutes)
  for (;;) {
    await assertOurs(given)
    await assertNoneDie(given, from)
    const rung = await alarms(given, bake)
    assertNoneFailed(rung)
    const left = until - clock.now()
    if (left > 0) {
      await clock.sleep(Math.min(LOOK_MS, left))
      continue
    }
    const wrong = await wrongLive(given, meantBy(given))
    if (wrong !== null) throw new NeedsRollback(`at the end of the bake time, ${wrong}`)
    const judged = [...rung, ...(await metrics(given, bake, from))]
    assertNoneFailed(judged)
    const note = settle(given, judged)
    return did(`${duration(minutes(bake.minutes))} without an alarm${note}`)
  }
}

export const bake: Step = { name: "bake", minutes: 48 * 60, once: false, run }
