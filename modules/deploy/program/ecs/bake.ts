/** The bake time: watches alarms, metrics and tasks of the new release under real traffic. */
import { alarmStates, metricValue } from "../aws/cloudwatch.ts"
import { describeServices } from "../aws/services.ts"
import { answerFor, answerText, questionId } from "../core/answers.ts"
import { type Judged, judgeAlarm, judgeMetric } from "../core/checks.ts"
import { end } from "../core/outcome.ts"
import { returnTarget } from "../core/release.ts"
import { bad, type Done, did, ended, type Step, skipped } from "../core/step.ts"
import { duration } from "../core/text.ts"
import { minutes } from "../core/wait.ts"
import type { Bake } from "../environment.ts"
import type { Context } from "./context.ts"
import { deathsThatCount } from "./deaths.ts"
import { failedTasks } from "./explain.ts"
import { expectedBy, notOurs, unansweredBy } from "./health.ts"
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

function failedOf(judged: readonly Judged[]): string | null {
  const failed = judged.filter(({ judgement }) => judgement === "failed")
  return failed.length > 0 ? `during the bake time, ${failed.map(textOf).join("; ")}` : null
}

async function failingTasks(context: Context, from: number): Promise<string | null> {
  for (const { service, revision } of expectedBy(context)) {
    const dead = (await failedTasks(context, service, [revision])).filter(
      ({ stoppedAt }) => (stoppedAt?.getTime() ?? 0) >= from,
    )
    if (dead.length === 0) continue
    const described = await describeServices(context.cluster, [service.name])
    if (dead.length >= deathsThatCount(described.get(service.name)?.desiredCount ?? 0))
      return `tasks of ${service.name} failed after they were healthy: ${dead.length} since the rollout`
  }
  return null
}

/** Asks a person about inconclusive results, or applies the answer. */
async function settled(context: Context, judged: readonly Judged[]): Promise<Done> {
  const { bake } = context.request.environment
  const fine = `no alarm for ${duration(minutes(bake?.minutes ?? 0))}`
  const open = judged.filter(({ judgement }) => judgement === "inconclusive")
  if (open.length === 0) return did(fine)
  const texts = open.map(textOf).join("; ")
  const question = questionId(
    context.book.journal().number,
    open.map(({ name }) => name),
  )
  const target = returnTarget(context.book.ledger(), context.book.journal())
  const given = await answerFor(context, question, target.allowed ? null : target.reason)
  if (given === null)
    return ended(
      end("still-running", `the new release is live, but its bake time was inconclusive: ${texts}`, {
        ask: `Is the new release good? (question ${question})`,
        todo: [`check the application, then ${answerText(question)}`],
      }),
    )
  if ("ended" in given) return given
  return given.answer === "rollback"
    ? bad(`${given.by} answered rollback: ${texts}`)
    : did(`${fine}; ${given.by} answered ${given.answer}: ${texts}`)
}

async function run(context: Context): Promise<Done> {
  const { request, clock, book } = context
  const { bake } = request.environment
  if (bake === null) return skipped("no bake time configured")
  const from = book.journal().bake ?? clock.now()
  if (book.journal().bake === null) await book.note({ bake: from })
  const until = from + minutes(bake.minutes)
  await context.duty.watching()
  for (;;) {
    const other = await notOurs(context, expectedBy(context))
    if (other !== null) return other
    const rung = await alarms(context, bake)
    const unanswered = await unansweredBy(context, request.environment.checks)
    const wrong =
      (await failingTasks(context, from)) ??
      failedOf(rung) ??
      (unanswered === null ? null : `during the bake time, ${unanswered}`)
    if (wrong !== null) return bad(wrong)
    const left = until - clock.now()
    if (left > 0) {
      await clock.sleep(Math.min(LOOK_MS, left))
      continue
    }
    const end = await wrongLive(context, expectedBy(context))
    if (end !== null) return bad(`at the end of the bake time, ${end}`)
    const judged = [...rung, ...(await metrics(context, bake, from))]
    const failed = failedOf(judged)
    return failed === null ? settled(context, judged) : bad(failed)
  }
}

export const bake: Step<Context> = { name: "bake", minutes: 48 * 60, once: false, run }
