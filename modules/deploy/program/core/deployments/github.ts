/** Deployments of GitHub: https://docs.github.com/en/rest/deployments */
import * as z from "zod"
import { oneLine } from "../text.ts"
import type { Known, Platform, Send, Shown, State, Subject } from "./platform.ts"

/** What marks a deployment as Slipway's: GitHub returns it as it was, or as text. */
const payloadSchema = z.object({ slipway: z.object({ run: z.string() }) })
const deploymentSchema = z.object({ id: z.number(), payload: z.unknown() })
const statusesSchema = z.array(z.object({ state: z.string() }))

type Deployment = z.output<typeof deploymentSchema>

const STATES: ReadonlySet<State> = new Set(["queued", "in_progress", "success", "failure", "inactive"])

/** Length limit of a description. */
const DESCRIPTION = 140
/** How many deployments are looked at for the one that was live before. */
const EARLIER = 10

function runOf({ payload }: Deployment): string | null {
  try {
    const read = payloadSchema.safeParse(typeof payload === "string" ? JSON.parse(payload) : payload)
    return read.success ? read.data.slipway.run : null
  } catch {
    return null
  }
}

/** Returns Slipway's deployments, the newest first. */
async function ours(send: Send, query: Readonly<Record<string, string>>): Promise<readonly Deployment[]> {
  const found = await send("GET", `/deployments?${new URLSearchParams({ ...query, per_page: "100" })}`)
  return z
    .array(deploymentSchema)
    .parse(found)
    .filter((one) => runOf(one) !== null)
}

async function stateOf(send: Send, id: number): Promise<State | null> {
  const [last] = statusesSchema.parse(await send("GET", `/deployments/${id}/statuses?per_page=1`))
  return [...STATES].find((state) => state === last?.state) ?? null
}

async function find(send: Send, { commit, environment, run }: Subject): Promise<Known | null> {
  const mine = (await ours(send, { sha: commit, environment })).find((one) => runOf(one) === run)
  return mine === undefined ? null : { id: mine.id, state: await stateOf(send, mine.id) }
}

const set = async (send: Send, id: number, state: State, { url, text }: Shown): Promise<void> => {
  await send("POST", `/deployments/${id}/statuses`, {
    state,
    description: oneLine(text, DESCRIPTION),
    ...(url === null ? {} : { log_url: url }),
  })
}

/** GitHub itself leaves earlier deployments to production active. */
async function retire(send: Send, { environment }: Subject, id: number, shown: Shown): Promise<void> {
  const others = (await ours(send, { environment })).filter((one) => one.id !== id)
  for (const one of others.slice(0, EARLIER)) {
    if ((await stateOf(send, one.id)) !== "success") continue
    return set(send, one.id, "inactive", shown)
  }
}

export const github: Platform = {
  at: (repository) => `/repos/${repository.split("/").map(encodeURIComponent).join("/")}`,
  states: STATES,
  find,
  create: async (send, { commit, environment, production, run }, text) => {
    const made = await send("POST", "/deployments", {
      ref: commit,
      environment,
      production_environment: production,
      payload: { slipway: { run } },
      description: oneLine(text, DESCRIPTION),
      // The release is verified by Slipway, and never merged.
      auto_merge: false,
      required_contexts: [],
    })
    return { id: deploymentSchema.parse(made).id, state: null }
  },
  set,
  retire,
}
