/** The rollout of all services as one set. */
import { alarmStates } from "../aws/cloudwatch.ts"
import { answerPause, configurationOf, wayBackOf } from "../aws/deployments.ts"
import { AwsFault } from "../aws/retry.ts"
import { seeServices } from "../aws/services.ts"
import type { Given } from "../given.ts"
import { Ended, end, NeedsRollback, replacedBy } from "../plan/outcome.ts"
import type { Meaning } from "../plan/rollout.ts"
import { listed, utc } from "../plan/text.ts"
import { contracted } from "./migration.ts"
import { start } from "./start.ts"
import { type Done, did, type Step } from "./step.ts"
import { minutes } from "./wait.ts"
import { HISTORY_MS, rolloutSet, type Settled, watch } from "./watch.ts"

/** Alarms that ring before anything changed say nothing of the release: ECS would go back because of them at once. */
async function noteRinging({ request, aws, clock, book, reporter }: Given): Promise<void> {
  const names = request.environment.bake?.alarms ?? []
  const begun = Object.values(book.journal().services).some(({ intent }) => intent !== null)
  if (names.length === 0 || begun) return
  const states = await alarmStates(aws.cloudwatch, clock, names)
  const ringing = names.filter((name) => states.get(name) === "ALARM")
  if (ringing.length > 0)
    reporter.say(`! ${listed(ringing)} rings already: it cannot tell whether the release is good`)
  await book.note({ ringing })
}

/** Errors after which a call may have been carried out all the same. */
const UNSURE: ReadonlySet<AwsFault["kind"]> = new Set(["busy", "unreachable", "credentials"])

/** Where not one service was touched, there is nothing to go back from. */
function assertBegun({ book }: Given, service: string, fault: AwsFault): void {
  if (Object.values(book.journal().services).some(({ intent }) => intent !== null)) return
  throw new Ended(
    end("failed", `ECS does not take the new revision of ${service}, and no service was touched`, {
      cause: fault.message,
      todo: [
        fault.kind === "denied"
          ? "give the role this right, and run again"
          : "mend what ECS names, and run again",
      ],
    }),
  )
}

async function startAll(given: Given): Promise<void> {
  const { request, book, cluster, clock, reporter } = given
  const { services, bake } = request.environment
  const { action, ringing } = book.journal()
  const set = rolloutSet(given)
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
        ? wayBackOf(service, bake !== null)
        : configurationOf(service, !contracted(given), alarms)
    try {
      const how = await start(given, watched, now, configuration)
      if (how !== "started")
        reporter.say(`  ${watched.name}: ${how === "adopted" ? "is under way already" : "is live already"}`)
    } catch (error) {
      if (!(error instanceof AwsFault) || UNSURE.has(error.kind)) throw error
      await watched.note({ ...watched.rolled(), intent: null })
      assertBegun(given, watched.name, error)
      throw new NeedsRollback(`ECS does not take the new revision of ${watched.name}: ${error.message}`)
    }
  }
}

/** Hooks that wait get the answer that this run brings. */
async function answer(given: Given, settled: Settled): Promise<boolean> {
  const { request, aws, clock, reporter } = given
  const { answer } = request
  if (answer === null) return false
  for (const [name, meaning] of settled) {
    if (meaning.kind !== "paused") continue
    await answerPause(aws.ecs, clock, {
      serviceDeployment: meaning.serviceDeployment,
      hookId: meaning.pause.hookId,
      answer,
    })
    reporter.audit("answer", { service: name, answer, by: request.run.actor })
    reporter.say(`  ${name}: answered ${answer}`)
  }
  return true
}

/** What a pause asks. */
function question(settled: Settled): Ended {
  const paused = [...settled].filter(
    (entry): entry is [string, Meaning & { kind: "paused" }] => entry[1].kind === "paused",
  )
  const first = paused[0]?.[1].pause
  const by = first?.expires
    ? ` Without an answer, ECS does this at ${utc(first.expires)}: ${first.otherwise.toLowerCase()}.`
    : ""
  return new Ended(
    end(
      "still-running",
      `ECS waits for an answer before it goes on with ${listed(paused.map(([name]) => name))}`,
      {
        ask: `Is the new release of ${listed(paused.map(([name]) => name))} good?${by}`,
        todo: ["run again with --answer continue, or with --answer rollback"],
      },
    ),
  )
}

/** A set that is settled and not live as a whole. */
function judged(settled: Settled): Error | null {
  const named = (kind: Meaning["kind"]) => [...settled].find(([, meaning]) => meaning.kind === kind)
  const replaced = named("superseded")
  if (replaced && replaced[1].kind === "superseded") return new Ended(replacedBy(replaced[1].by, replaced[0]))
  for (const kind of ["rollback-failed", "failed", "rolled-back"] as const) {
    const found = named(kind)
    if (found && "why" in found[1]) return new NeedsRollback(`${found[0]} did not come up: ${found[1].why}`)
  }
  return null
}

async function run(given: Given): Promise<Done> {
  const { request } = given
  await noteRinging(given)
  await startAll(given)
  const limit = Math.max(...request.environment.services.map(({ timeoutMinutes }) => timeoutMinutes))
  for (let answered = false; ; ) {
    const settled = await watch(given, rolloutSet(given), minutes(limit))
    if (settled === null)
      throw new Ended(
        end("still-running", `the rollout is not at its end after ${limit} min; ECS goes on with it`, {
          todo: ["run again to go on watching: nothing is started twice", "to go back now: rollback"],
        }),
      )
    const bad = judged(settled)
    if (bad !== null) throw bad
    if ([...settled.values()].every(({ kind }) => kind === "live"))
      return did(`${listed([...settled.keys()])} live`)
    // A hook that was answered may still be shown for a moment; one that asks again after that is another one.
    if (answered || !(await answer(given, settled))) throw question(settled)
    answered = true
    await given.clock.sleep(5_000)
  }
}

export const rollout: Step = { name: "rollout", minutes: 48 * 60, once: false, run }
