import * as z from "zod/mini"
import { Fault } from "../run/fault.js"

/** Result of a step that runs here. */
export interface StepResult {
  readonly exitCode: number
  readonly output: string
  /** Of `verify`: SHA-256 of the verdict that vouches for the images, for the ledger. */
  readonly verdict?: string | null
  /** What it did, where that is less than the step promises. */
  readonly note?: string
}

/** A step that runs here. */
export interface Step {
  /** @param again whether an earlier run of the release started it: it may be done already. */
  readonly run: (again: boolean) => Promise<StepResult>
  /** Tells it to stop: `run` then ends. */
  readonly stop?: () => Promise<unknown>
}

/** The steps that run here, by name. */
export type Steps = Readonly<Record<string, Step>>

/** A running image, by digest, and its commit; null: not deployed by Slipway. */
const runningSchema = () => z.object({ image: z.nullable(z.string()), commit: z.nullable(z.string()) })

const releaseSchema = () =>
  z.object({ commit: z.string(), images: z.record(z.string(), z.string()), since: z.number() })

const trialSchema = () =>
  z.object({
    /** Digest of what the result is about. */
    subject: z.string(),
    live: z.object({ commit: z.string(), images: z.record(z.string(), z.string()) }),
    migration: z.object({ image: z.string(), command: z.nullable(z.array(z.string())) }),
    checks: z.array(z.object({ url: z.string(), status: z.number(), contains: z.nullable(z.string()) })),
  })

/** The part of the deployer's result that is used here. */
const resultSchema = () =>
  z.object({
    exitCode: z.int(),
    text: z.string(),
    milliseconds: z.number(),
    /** The live release, if it is proven good and nothing else runs. */
    proven: z.nullable(releaseSchema()),
    /** The live release by the ledger, whatever services run; null: none. */
    recorded: z.nullable(z.extend(releaseSchema(), { proven: z.boolean() })),
    /** The release in flight; null: none. */
    inflight: z.nullable(z.object({ action: z.string(), commit: z.string(), run: z.string() })),
    /** The release that ended last; null: none. */
    last: z.nullable(z.object({ action: z.string(), outcome: z.string(), run: z.string() })),
    /** What must be tried; null: nothing. */
    trial: z._default(z.nullable(trialSchema()), null),
    /** What each service runs (revision null: nothing), or why that is unknown. */
    live: z.union([
      z.object({ unknown: z.string() }),
      z.object({
        services: z.array(
          z.extend(runningSchema(), {
            service: z.string(),
            revision: z.nullable(z.string()),
            desired: z.number(),
            besides: z.array(runningSchema()),
          }),
        ),
      }),
    ]),
  })

/** What `compatible` tries: the live release and the migration, by digest. */
export type Trial = NonNullable<Result["trial"]>

export type Result = z.output<ReturnType<typeof resultSchema>>

const eventsSchema = () =>
  z.object({
    events: z.array(
      z.discriminatedUnion("kind", [
        z.object({ kind: z.literal("line"), text: z.string() }),
        z.object({ kind: z.literal("needs"), step: z.string(), again: z.boolean() }),
        z.object({ kind: z.literal("stop"), step: z.string() }),
        z.object({ kind: z.literal("refused"), problems: z.array(z.string()) }),
        z.object({ kind: z.literal("result"), result: resultSchema() }),
      ]),
    ),
  })

/**
 * Runs a request in a deployer service: shows its lines, runs the steps that it asks for, and waits for the result.
 *
 * @param url address of the service.
 * @param place the environment's key in slipway.yaml, for messages.
 * @param show receives each line of progress.
 * @throws {Fault} `configuration` for an invalid request.
 * @throws Error if the service stops answering.
 */
export async function runRequest(
  url: string,
  request: object,
  place: string,
  steps: Steps,
  show: (line: string) => void,
): Promise<Result> {
  const schema = eventsSchema()
  const names = Object.keys(steps)
  await ask(`${url}/run`, { request, steps: names })
  const running: Promise<unknown>[] = []
  for (let seen = 0; ; ) {
    const { events } = schema.parse(await ask(`${url}/events?after=${seen}`), { jitless: true })
    seen += events.length
    for (const event of events) {
      if (event.kind === "line") show(event.text)
      if (event.kind === "refused") throw invalid(event.problems, place)
      if (event.kind === "result") {
        await Promise.all(running)
        return event.result
      }
      running.push(...started(url, event, steps))
    }
  }
}

type DeployerEvent = z.output<ReturnType<typeof eventsSchema>>["events"][number]

/** Runs or stops the step that an event names. Other events start nothing. */
function started(url: string, event: DeployerEvent, steps: Steps): readonly Promise<unknown>[] {
  if (event.kind === "needs") return [answer(url, event, steps[event.step])]
  if (event.kind === "stop") return [steps[event.step]?.stop?.() ?? Promise.resolve()]
  return []
}

/** Keys are reported as slipway.yaml has them. */
const invalid = (problems: readonly string[], place: string): Fault =>
  new Fault("configuration", {
    what: `invalid environment:\n  ${problems.map((problem) => problem.replace(/^environment\b/, place)).join("\n  ")}`,
    where: "slipway.yaml",
    fix: "correct these keys; docs/deploy.md lists all of them",
  })

async function answer(
  url: string,
  { step: name, again }: { readonly step: string; readonly again: boolean },
  step: Step | undefined,
): Promise<void> {
  const result = step ? await step.run(again) : { exitCode: 1, output: `unknown step: ${name}` }
  await ask(`${url}/steps/${name}`, result)
}

async function ask(url: string, body?: object): Promise<unknown> {
  const response = await fetch(
    url,
    body
      ? { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) }
      : {},
  )
  if (!response.ok) throw new Error(`the deployer answered ${response.status}: ${await response.text()}`)
  return response.json()
}
