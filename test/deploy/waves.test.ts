/** One release over two regions with accounts of their own, each a simulator. */
import { readFileSync } from "node:fs"
import { afterEach, describe, expect, it } from "vitest"
import type { Around } from "../../ci/src/deploy/around-waves.js"
import { overWaves } from "../../ci/src/deploy/in-waves.js"
import type { Waves } from "../../ci/src/deploy/waves.js"
import type { Simulator } from "../../modules/aws-simulator/program/simulator.ts"
import { type Clock, virtualClock } from "../../modules/deploy/program/core/clock.ts"
import { type Changes, commit, run, simulate } from "./rehearsal.ts"

const QUICK = {
  seconds: { provision: 1, pull: 1, start: 1, healthy: 3, stop: 1, retry: 2, drain: 3, stage: 1 },
}
const PLACES = {
  "eu-canary": { account: "111122223333", region: "eu-central-1" },
  "us-east": { account: "444455556666", region: "us-east-1" },
} as const
type Name = keyof typeof PLACES
const WAVES: Waves = { order: [["eu-canary"], ["us-east"]], bakeMinutes: 5, onFailure: "stop" }
const RELEASE = { name: "production", commit: commit(1), images: [{ digest: `sha256:${"b".repeat(64)}` }] }

type Places = Readonly<Record<Name, Simulator>>
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

const runIn = (places: Places, name: Name, index: number, rest: Changes = {}) =>
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

/** Two accounts whose first release is live. */
async function places(): Promise<Places> {
  const all = {
    "eu-canary": await simulate(QUICK, PLACES["eu-canary"]),
    "us-east": await simulate(QUICK, PLACES["us-east"]),
  }
  for (const name of ["eu-canary", "us-east"] as const) {
    const { result } = await runIn(all, name, 0)
    expect(result.outcome, result.text).toBe("succeeded")
  }
  return all
}

interface Told {
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
  /** What happens before an action. */
  readonly meanwhile?: Readonly<Record<string, () => Promise<unknown>>>
}

/** Lets time go on in an account. */
async function passes({ url }: Simulator, milliseconds: number): Promise<void> {
  const made = await virtualClock(url, `waves-${clocks.length}`, new AbortController().signal)
  clocks.push(made)
  await made.sleep(milliseconds)
  await made.close()
}

/** The world of a run, in which time goes on everywhere. */
async function around(
  all: Places,
  lines: string[],
  { dies, bad = false, unique = true, meanwhile = {}, environments = {} }: Told,
): Promise<Around> {
  const names = ["eu-canary", "us-east"] as const
  return {
    run: async (place, action, wayBack = false) => {
      const name = names.find((one) => one === place)
      if (name === undefined) throw new Error(`no place ${place}`)
      if (dies === `${action} ${name}`) throw new Killed()
      if (action !== "status") lines.push(`${action} ${name}`)
      await meanwhile[`${action} ${name}`]?.()
      const request = { run: { id: wayBack ? "waves-back" : "waves", unique, actor: "ann" } }
      const own = bad && name === "us-east" ? BAD : { checks: [CHECK] }
      const environment = { ...own, ...environments[name] }
      return (await runIn(all, name, 1, { action, environment, request })).result
    },
    id: "waves",
    wayBack: "waves-back",
    unique,
    now: () => Math.max(...names.map((name) => all[name].rehearsal.clock.now())),
    sleep: async (milliseconds) => {
      lines.push(`sleep ${Math.round(milliseconds / 60_000)} min`)
      for (const name of names) await passes(all[name], milliseconds)
    },
    show: () => {},
  }
}

const released = async (all: Places, told: Told = {}) => {
  const lines: string[] = []
  try {
    const release = { ...RELEASE, action: told.action ?? ("deploy" as const) }
    return { lines, ...(await overWaves(told.waves ?? WAVES, release, await around(all, lines, told))) }
  } catch (error) {
    if (error instanceof Killed) return { lines, exitCode: null, text: "" }
    throw error
  }
}

const liveIn = ({ rehearsal }: Simulator) =>
  rehearsal.look().services.map(({ taskDefinition }) => taskDefinition.split("/")[1])

const OLD = ["clinic-web:8", "clinic-worker:5"]
const NEW = ["clinic-web:9", "clinic-worker:6"]

describe("a release over waves", () => {
  it("goes from wave to wave by the same digests, and on where it was killed", async () => {
    const all = await places()
    const first = await released(all, { dies: "health eu-canary" })
    expect([first.exitCode, first.lines]).toEqual([null, ["deploy eu-canary", "sleep 5 min"]])
    const second = await released(all, { dies: "deploy us-east" })
    expect([second.exitCode, second.lines]).toEqual([null, ["health eu-canary"]])
    expect([liveIn(all["eu-canary"]), liveIn(all["us-east"])]).toEqual([NEW, OLD])
    const { exitCode, lines, text } = await released(all)
    expect([exitCode, lines]).toEqual([0, ["health eu-canary", "deploy us-east"]])
    expect([liveIn(all["eu-canary"]), liveIn(all["us-east"])]).toEqual([NEW, NEW])
    expect(text).toMatch(/1 +eu-canary +live and proven good\n +2 +us-east +live and proven good/)
    const again = await released(all)
    expect([again.exitCode, again.lines]).toEqual([0, []])
  })

  it("stops at the first red wave, which goes back itself, and names what has the release", async () => {
    const all = await places()
    const { exitCode, text } = await released(all, { bad: true })
    expect([exitCode, liveIn(all["eu-canary"]), liveIn(all["us-east"])]).toEqual([40, NEW, OLD])
    expect(text).toMatch(/1 +eu-canary +live and proven good\n +2 +us-east +rolled back/)
    expect(text).toContain("eu-canary: the release stays live")
    expect(readFileSync("docs/deploy.md", "utf8")).toContain(text.split("\n\n")[0])
    const order: Waves = { ...WAVES, order: [["us-east"], ["eu-canary"]] }
    const first = await released(await places(), { waves: order, bad: true })
    expect([first.exitCode, first.lines]).toEqual([40, ["deploy us-east"]])
    expect(first.text).toMatch(/1 +us-east +rolled back\n +2 +eu-canary +not started/)
  })

  it("takes earlier waves back where the settings say so, also after a kill", async () => {
    const all = await places()
    const told: Told = { waves: { ...WAVES, onFailure: "rollback" }, bad: true }
    expect((await released(all, { ...told, dies: "rollback eu-canary" })).exitCode).toBeNull()
    expect(liveIn(all["eu-canary"])).toEqual(NEW)
    const { exitCode, text } = await released(all, told)
    expect([exitCode, liveIn(all["eu-canary"])]).toEqual([40, OLD])
    expect(text).toMatch(/1 +eu-canary +taken back/)
    const again = await released(all, told)
    expect([again.exitCode, again.lines]).toEqual([40, []])
  })

  it("does not go on from a wave in which no task proves anything", async () => {
    const all = await places()
    const { rehearsal } = all["eu-canary"]
    const state = rehearsal.look()
    rehearsal.become({ ...state, services: state.services.map((service) => ({ ...service, desired: 0 })) })
    const checks = { "eu-canary": { checks: [] } }
    const { exitCode, lines, text } = await released(all, { environments: checks })
    expect([exitCode, lines]).toEqual([44, ["deploy eu-canary"]])
    expect(liveIn(all["us-east"])).toEqual(OLD)
    expect(text).toMatch(/1 +eu-canary +deployed, not proven good\n +2 +us-east +not started/)
    expect(text).toContain("eu-canary: the next wave starts once this one is proven good")
    const last: Waves = { ...WAVES, order: [["us-east"], ["eu-canary"]] }
    expect((await released(all, { waves: last, environments: checks })).exitCode).toBe(0)
  })

  it("goes no further where somebody took an earlier wave back meanwhile", async () => {
    const all = await places()
    const back = () =>
      runIn(all, "eu-canary", 1, { action: "rollback", request: { run: { id: "bob", actor: "bob" } } })
    const { exitCode, text, lines } = await released(all, { meanwhile: { "health eu-canary": back } })
    expect([exitCode, lines]).toEqual([42, ["deploy eu-canary", "sleep 5 min", "health eu-canary"]])
    expect([liveIn(all["eu-canary"]), liveIn(all["us-east"])]).toEqual([OLD, OLD])
    expect(text).toMatch(/1 +eu-canary +replaced by another release\n +2 +us-east +not started/)
  })

  it("takes nobody's own rollback for its way back: on a laptop it deploys again", async () => {
    const all = await places()
    const laptop: Told = { unique: false, waves: { ...WAVES, bakeMinutes: 0, onFailure: "rollback" } }
    expect((await released(all, laptop)).exitCode).toBe(0)
    const run = { id: "waves", unique: false, actor: "ann" }
    const { result } = await runIn(all, "eu-canary", 1, { action: "rollback", request: { run } })
    expect([result.exitCode, liveIn(all["eu-canary"])]).toEqual([0, OLD])
    const again = await released(all, laptop)
    expect([again.exitCode, again.lines]).toEqual([0, ["deploy eu-canary"]])
    expect(liveIn(all["eu-canary"])).toEqual(NEW)
  })

  it("goes back wherever the release is, and nowhere else, also after a kill", async () => {
    const all = await places()
    expect((await released(all, { dies: "deploy us-east" })).exitCode).toBeNull()
    expect((await released(all, { action: "rollback", dies: "rollback eu-canary" })).exitCode).toBeNull()
    const back = await released(all, { action: "rollback" })
    expect([back.exitCode, back.lines]).toEqual([0, ["rollback eu-canary"]])
    expect([liveIn(all["eu-canary"]), liveIn(all["us-east"])]).toEqual([OLD, OLD])
    expect(back.text).toMatch(/1 +eu-canary +taken back\n +2 +us-east +left as it is: aaaaaaaaaaaa is live/)
    const again = await released(all, { action: "rollback" })
    expect([again.exitCode, again.lines]).toEqual([0, []])
    expect(again.text).toMatch(/eu-canary +taken back already/)
  })
})
