/** One release over two regions with accounts of their own, each a simulator. */
import { readFileSync } from "node:fs"
import { afterEach, describe, expect, it } from "vitest"
import { type Around, inWaves } from "../../ci/src/deploy/in-waves.js"
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
}

/** The world of a run, in which time goes on everywhere. */
async function around(all: Places, lines: string[], { dies, bad = false }: Told): Promise<Around> {
  const clock = async (name: Name) => {
    const made = await virtualClock(
      all[name].url,
      `waves-${lines.length}-${clocks.length}`,
      new AbortController().signal,
    )
    clocks.push(made)
    return made
  }
  const sleep = async (name: Name, milliseconds: number) => {
    const own = await clock(name)
    await own.sleep(milliseconds)
    await own.close()
  }
  const names = ["eu-canary", "us-east"] as const
  return {
    run: async (place, action) => {
      const name = names.find((one) => one === place)
      if (name === undefined) throw new Error(`no place ${place}`)
      if (dies === `${action} ${name}`) throw new Killed()
      if (action !== "status") lines.push(`${action} ${name}`)
      const request = { run: { id: "waves", actor: "ann" } }
      const environment = bad && name === "us-east" ? BAD : { checks: [CHECK] }
      return (await runIn(all, name, 1, { action, environment, request })).result
    },
    id: "waves",
    now: () => Math.max(...names.map((name) => all[name].rehearsal.clock.now())),
    sleep: async (milliseconds) => {
      lines.push(`sleep ${Math.round(milliseconds / 60_000)} min`)
      for (const name of names) await sleep(name, milliseconds)
    },
    show: () => {},
  }
}

const released = async (all: Places, told: Told = {}) => {
  const lines: string[] = []
  try {
    return { lines, ...(await inWaves(told.waves ?? WAVES, RELEASE, await around(all, lines, told))) }
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
})
