import * as z from "zod/mini"
import { Fault } from "../run/fault.js"

/** What a step that the caller brings ended with. */
export interface Brought {
  readonly exitCode: number
  readonly output: string
}

/** Steps that the deployer asks its caller for, by name. */
export type Steps = Readonly<Record<string, () => Promise<Brought>>>

/** What runs, by digest; null where the deployer did not deploy it. */
const runningSchema = () => z.object({ image: z.nullable(z.string()) })

/** What is needed of what the deployer says at the end: what happened, for people, and its exit code. */
const resultSchema = () =>
  z.object({
    exitCode: z.int(),
    text: z.string(),
    /** The live release, where it was proven good and nothing else runs beside it. */
    proven: z.nullable(z.object({ commit: z.string(), images: z.record(z.string(), z.string()) })),
    /** What runs in each service; a revision of null is nothing. Or why it could not be looked at. */
    live: z.union([
      z.object({ unknown: z.string() }),
      z.object({
        services: z.array(
          z.extend(runningSchema(), {
            service: z.string(),
            revision: z.nullable(z.string()),
            besides: z.array(runningSchema()),
          }),
        ),
      }),
    ]),
  })

export type Result = z.output<ReturnType<typeof resultSchema>>

const eventsSchema = () =>
  z.object({
    events: z.array(
      z.discriminatedUnion("kind", [
        z.object({ kind: z.literal("line"), text: z.string() }),
        z.object({ kind: z.literal("needs"), step: z.string() }),
        z.object({ kind: z.literal("refused"), problems: z.array(z.string()) }),
        z.object({ kind: z.literal("result"), result: resultSchema() }),
      ]),
    ),
  })

/**
 * Follows a deployer that runs as a service: shows its lines as they come, runs the steps that it asks for, and waits
 * for its result. Its lease is kept alive by itself meanwhile.
 *
 * @param url where it answers.
 * @param place the environment's key in slipway.yaml, for messages.
 * @param show gets a line for people.
 * @throws Error when it no longer answers.
 */
export async function follow(
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
      if (event.kind === "refused") throw unreadable(event.problems, place)
      if (event.kind === "result") {
        await Promise.all(running)
        return event.result
      }
      if (event.kind === "needs") running.push(answer(url, event.step, steps[event.step]))
    }
  }
}

/** The deployer's schema is the one that knows what stands under an environment. */
const unreadable = (problems: readonly string[], place: string): Fault =>
  new Fault("configuration", {
    what: `the deployment cannot be read:\n  ${problems.map((problem) => problem.replace(/^environment\b/, place)).join("\n  ")}`,
    where: "slipway.yaml",
    fix: "correct the keys that are named; docs/deploy.md lists them",
  })

async function answer(url: string, name: string, step: (() => Promise<Brought>) | undefined): Promise<void> {
  const brought = step ? await step() : { exitCode: 1, output: `there is no step ${name}` }
  await ask(`${url}/steps/${name}`, brought)
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
