/** A release over two regions with accounts of their own, each a simulator. */
import { afterEach, expect } from "vitest"
import { type Around, endOfError } from "../../ci/src/deploy/around-waves.js"
import { overWaves } from "../../ci/src/deploy/in-waves.js"
import type { Waves } from "../../ci/src/deploy/waves.js"
import type { Simulator } from "../../modules/aws-simulator/program/simulator.ts"
import type { State } from "../../modules/aws-simulator/program/state.ts"
import { type Clock, virtualClock } from "../../modules/deploy/program/core/clock.ts"
import { type Changes, commit, run, simulate, simulateFrom } from "./rehearsal.ts"

const QUICK = {
  seconds: { provision: 1, pull: 1, start: 1, healthy: 3, stop: 1, retry: 2, drain: 3, stage: 1 },
}
const PLACES = {
  "eu-canary": { account: "111122223333", region: "eu-central-1" },
  "us-east": { account: "444455556666", region: "us-east-1" },
} as const
export type Name = keyof typeof PLACES
export const NAMES = ["eu-canary", "us-east"] as const
export const WAVES: Waves = { order: [["eu-canary"], ["us-east"]], bakeMinutes: 5, onFailure: "stop" }
const RELEASE = { name: "production", commit: commit(1), images: [{ digest: `sha256:${"b".repeat(64)}` }] }

export type Places = Readonly<Record<Name, Simulator>>
class Killed extends Error {}

const clocks: Clock[] = []
afterEach(async () => {
  for (const clock of clocks.splice(0)) await clock.close()
})

const changesOf = (name: Name, index: number, rest: Changes): Changes => ({
  commit: index,
  ...rest,
  environment: { name, ...PLACES[name], ...rest.environment },
})

export const runIn = (places: Places, name: Name, index: number, rest: Changes = {}) =>
  run(places[name], changesOf(name, index, rest), {
    access: {
      region: PLACES[name].region,
      endpoint: places[name].url,
      credentials: { accessKeyId: "AKIAEXAMPLE", secretAccessKey: "canary-aws-secret-key" },
    },
  })

const CHECK = { url: "https://clinic.example.org/health", attempts: 1, intervalSeconds: 1 }
/** The second release answers otherwise than us-east asks for. */
const BAD = { checks: [{ ...CHECK, contains: "what it never says" }] }

let begun: Readonly<Record<Name, State>> | null = null

async function firstReleases(): Promise<Readonly<Record<Name, State>>> {
  const all = {
    "eu-canary": await simulate(QUICK, PLACES["eu-canary"]),
    "us-east": await simulate(QUICK, PLACES["us-east"]),
  }
  for (const name of NAMES) {
    const { result } = await runIn(all, name, 0)
    expect(result.outcome, result.text).toBe("succeeded")
  }
  return { "eu-canary": all["eu-canary"].rehearsal.look(), "us-east": all["us-east"].rehearsal.look() }
}

/** Two accounts whose first release is live. */
export async function places(): Promise<Places> {
  begun ??= await firstReleases()
  return {
    "eu-canary": await simulateFrom(begun["eu-canary"]),
    "us-east": await simulateFrom(begun["us-east"]),
  }
}
export interface Told {
  readonly waves?: Waves
  /** The action before which the run is killed. */
  readonly dies?: string
  /** Whether the release is red in us-east. */
  readonly bad?: boolean
  /** What of the run the ledgers have: a laptop's ID is of other runs too. */
  readonly unique?: boolean
  readonly action?: "deploy" | "rollback"
  /** What an environment has otherwise. */
  readonly environments?: Readonly<Partial<Record<Name, Changes["environment"]>>>
  /** What happens before an action; what it throws is an error of the deployer there. */
  readonly meanwhile?: Readonly<Record<string, () => unknown>>
}

/** Lets time go on in an account. */
async function passes({ url }: Simulator, milliseconds: number): Promise<void> {
  const made = await virtualClock(url, `waves-${clocks.length}`, new AbortController().signal)
  clocks.push(made)
  await made.sleep(milliseconds)
  await made.close()
}

/** The world of a run, in which time goes on everywhere. */
async function around(all: Places, lines: string[], told: Told): Promise<Around> {
  const { dies, unique = true, meanwhile = {} } = told
  const work: Around["run"] = async (place, action, wayBack = false) => {
    const name = NAMES.find((one) => one === place)
    if (name === undefined) throw new Error(`no place ${place}`)
    await meanwhile[`${action} ${name}`]?.()
    const from = action === "rollback" ? commit(1) : null
    const request = { from, run: { id: wayBack ? "waves-back" : "waves", unique, actor: "ann" } }
    const own = told.bad && name === "us-east" ? BAD : { checks: [CHECK] }
    const environment = { ...own, ...told.environments?.[name] }
    return (await runIn(all, name, 1, { action, environment, request })).result
  }
  return {
    run: async (place, action, wayBack) => {
      if (dies === `${action} ${place}`) throw new Killed()
      if (action !== "status") lines.push(`${action} ${place}`)
      return work(place, action, wayBack).catch(endOfError)
    },
    id: "waves",
    wayBack: "waves-back",
    unique,
    now: () => Math.max(...NAMES.map((name) => all[name].rehearsal.clock.now())),
    sleep: async (milliseconds) => {
      lines.push(`sleep ${Math.round(milliseconds / 60_000)} min`)
      for (const name of NAMES) await passes(all[name], milliseconds)
    },
    show: () => {},
  }
}

export const released = async (all: Places, told: Told = {}) => {
  const lines: string[] = []
  try {
    const release = { ...RELEASE, action: told.action ?? ("deploy" as const) }
    return { lines, ...(await overWaves(told.waves ?? WAVES, release, await around(all, lines, told))) }
  } catch (error) {
    if (error instanceof Killed) return { lines, exitCode: null, text: "" }
    throw error
  }
}

export const liveIn = ({ rehearsal }: Simulator) =>
  rehearsal.look().services.map(({ taskDefinition }) => taskDefinition.split("/")[1])

export const OLD = ["clinic-web:8", "clinic-worker:5"]
export const NEW = ["clinic-web:9", "clinic-worker:6"]
