/** Deployments that wait before a stage: the deployer answers after analysis and test traffic, people answer the rest. */
import { answerPause, STAGES } from "../aws/deployments.ts"
import { answerFor, answerText, questionId } from "../core/answers.ts"
import { type End, end } from "../core/outcome.ts"
import { mayReturn } from "../core/release.ts"
import { bad, type Done, ended } from "../core/step.ts"
import { listed, plural, utc } from "../core/text.ts"
import { wrongUrl } from "../core/url-checks.ts"
import type { UrlCheck } from "../environment.ts"
import { type Analysed, analysed, type Measured } from "./analysis.ts"
import type { Context } from "./context.ts"
import type { Waiting } from "./progress.ts"
import type { Settled } from "./watch.ts"

/** Why a service cannot return: the code of its last complete deployment does not fit the database any more. */
export const BELOW = "what it would return to is below a contract migration"

/** A service whose deployment waits. */
type Paused = readonly [name: string, Waiting]

/** Hooks that this run has answered, and what it measured: an answered hook may stay visible for a moment. */
interface Pauses {
  readonly answered: Set<string>
  readonly measured: Measured
}

/** A run at its start: it has answered and measured nothing. */
export const noPauses = (): Pauses => ({ answered: new Set(), measured: new Map() })

const subjectOf = ([name, { pause }]: Paused): string => `${name}/${pause.hookId}`

const questionOf = ({ book }: Context, paused: readonly Paused[]): string =>
  questionId(book.journal().number, paused.map(subjectOf))

/** ECS tells what it returns to; null: more than one, or unknown. */
const returnsTo = ([name, { deployment }]: Paused) =>
  [name, { revision: deployment.returnsTo ?? "", steady: deployment.returnsTo !== null }] as const

const mayGoBack = ({ book }: Context, paused: readonly Paused[]): boolean =>
  mayReturn(book.ledger(), Object.fromEntries(paused.map(returnsTo)))

/** Returns what a person answers: to this question, or once to all; null: nobody has answered. */
const answerOf = async (context: Context, paused: readonly Paused[]) =>
  context.book.journal().answers.find(({ answer }) => answer === "full") ??
  answerFor(context, questionOf(context, paused), mayGoBack(context, paused) ? null : BELOW)

async function pass(
  { aws, clock, reporter }: Context,
  [name, { pause, deployment }]: Paused,
  answer: "continue" | "rollback",
  by: string,
): Promise<void> {
  const serviceDeployment = deployment.arn
  const passed = await answerPause(aws.ecs, clock, { serviceDeployment, hookId: pause.hookId, answer })
  reporter.say(passed ? `  ${name}: answered ${answer} by ${by}` : `  ${name}: is answered already`)
}

/** Passes the answer of a person to hooks that wait. @returns how the run ends without one; null: answered. */
async function answered(
  context: Context,
  paused: readonly Paused[],
  why: string | null = null,
): Promise<Done | null> {
  const given = await answerOf(context, paused)
  if (given === null) return ended(asking(paused, questionOf(context, paused), why))
  if ("ended" in given) return given
  const answer = given.answer === "full" ? "continue" : given.answer
  for (const one of paused) await pass(context, one, answer, given.by)
  return null
}

/** Returns the end of a run that needs an answer. */
function asking(paused: readonly Paused[], question: string, why: string | null): End {
  const first = paused[0]?.[1].pause
  const next = first?.otherwise === "CONTINUE" ? "continue" : "roll back"
  const by = first?.expires ? ` Without an answer, ECS will ${next} at ${utc(first.expires)}.` : ""
  const names = listed(paused.map(([name]) => name))
  const waits = `ECS waits for an answer before it continues with ${names}`
  return end("still-running", why === null ? waits : `${why}; ${waits}`, {
    ask: `Is the new release of ${names} good?${by} (question ${question})`,
    todo: [
      answerText(question),
      ...(why === null ? [] : ["`--answer full` continues to the end, without further analysis"]),
    ],
  })
}

/** Notes what the deployer decided, then passes it to ECS. */
async function decided(
  context: Context,
  paused: Paused,
  {
    answer,
    by,
    why,
  }: { readonly answer: "continue" | "rollback"; readonly by: string; readonly why: string },
): Promise<void> {
  const { book, reporter } = context
  const question = questionOf(context, [paused])
  await book.note({ answers: [...book.journal().answers, { question, answer, by, run: by, why }] })
  reporter.say(`  ${paused[0]}: ${why}`)
  reporter.audit("analysis", { question, service: paused[0], answer, why })
  await pass(context, paused, answer, by)
}

/** What answers a deployment that waits, in the place of a person. */
interface Judge {
  readonly by: string
  readonly judge: (context: Context, paused: Paused, pauses: Pauses) => Promise<Analysed>
}

const ANALYSIS: Judge = {
  by: "the analysis",
  judge: (context, [name, waiting], { measured }) => analysed(context, name, waiting, measured),
}

/** Returns what answers a deployment; null: a person. */
function judgeOf({ request }: Context, [name, { pause }]: Paused): Judge | null {
  const service = request.environment.services.find((one) => one.name === name)
  if (service?.analysis && pause.stage === STAGES["production-traffic"]) return ANALYSIS
  const checks = service?.testTraffic?.checks ?? []
  return checks.length > 0 && pause.stage === STAGES["test-traffic"]
    ? { by: "the test traffic", judge: (context) => tested(context, checks) }
    : null
}

/** Asks the new tasks through the test listener, before production traffic shifts to them. */
async function tested(context: Context, checks: readonly UrlCheck[]): Promise<Analysed> {
  const wrong = await wrongUrl(context, checks)
  return wrong === null
    ? { kind: "continue", why: `is answered (${plural(checks.length, "URL")})` }
    : { kind: "rollback", why: `failed: ${wrong}` }
}

/** Attends a service for which the deployer answers. @returns how the step ends; null: it goes on. */
async function attendOne(
  context: Context,
  paused: Paused,
  pauses: Pauses,
  judged: Judge,
): Promise<Done | null> {
  const [name, { pause }] = paused
  // The word of a person goes first.
  if ((await answerOf(context, [paused])) !== null) {
    pauses.answered.add(pause.hookId)
    return answered(context, [paused])
  }
  const { by, judge } = judged
  const result = await judge(context, paused, pauses)
  if (result.kind === "measuring") return null
  const why = `${by} of ${name} ${result.why}`
  if (result.kind === "ask") return answered(context, [paused], why)
  if (result.kind === "rollback" && !mayGoBack(context, [paused]))
    return answered(context, [paused], `${why}, and ${BELOW}`)
  pauses.answered.add(pause.hookId)
  await decided(context, paused, { answer: result.kind, by, why })
  return result.kind === "rollback" ? bad(why) : null
}

const pausedOf = (settled: Settled, { answered }: Pauses): readonly Paused[] =>
  [...settled].filter(
    (entry): entry is [string, Waiting] => entry[1].kind === "paused" && !answered.has(entry[1].pause.hookId),
  )

/** Attends all deployments that wait; people are asked once the deployer has nothing to answer. */
export async function attend(context: Context, settled: Settled, pauses: Pauses): Promise<Done | null> {
  const waiting = pausedOf(settled, pauses).map((paused) => ({ paused, judge: judgeOf(context, paused) }))
  for (const { paused, judge } of waiting) {
    const done = judge === null ? null : await attendOne(context, paused, pauses, judge)
    if (done !== null) return done
  }
  const people = waiting.flatMap(({ paused, judge }) => (judge === null ? [paused] : []))
  if (people.length < waiting.length || people.length === 0) return null
  const done = await answered(context, people)
  if (done === null) for (const [, { pause }] of people) pauses.answered.add(pause.hookId)
  return done
}
