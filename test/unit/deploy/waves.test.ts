import { describe, expect, it } from "vitest"
import { endOfError } from "../../../ci/src/deploy/around-waves.js"
import { overWaves } from "../../../ci/src/deploy/in-waves.js"
import { wavesOf } from "../../../ci/src/deploy/named-waves.js"
import { nextOf, type Seen, UNSEEN, type Waves } from "../../../ci/src/deploy/waves.js"
import { parseConfig } from "../../../ci/src/settings.js"

const NOW = 10_000_000
const MINUTE = 60_000
const WAVES: Waves = { order: [["a"], ["b", "c"], ["d"]], bakeMinutes: 0, onFailure: "stop" }
const BAKES = { ...WAVES, bakeMinutes: 10 }
const BACK = { ...WAVES, onFailure: "rollback" as const }

const live = (since = NOW): Seen => ({ ...UNSEEN, since })
const ended = (code: number, rest: Partial<Seen> = {}): Seen => ({ ...UNSEEN, ended: code, ...rest })
const looked = { ...live(NOW - 11 * MINUTE), looked: true, ended: 0 }

describe("waves", () => {
  it.each<[string, Waves, Record<string, Seen>, object]>([
    ["begin with the first one", WAVES, {}, { do: "deploy", environments: ["a"] }],
    ["go on with all of the next one", WAVES, { a: live() }, { do: "deploy", environments: ["b", "c"] }],
    ["leave what is live", WAVES, { a: live(), c: live() }, { do: "deploy", environments: ["b"] }],
    ["come back to an earlier one", WAVES, { b: live(), c: live() }, { do: "deploy", environments: ["a"] }],
    [
      "end with the last one",
      WAVES,
      { a: live(), b: live(), c: live(), d: ended(0, { since: NOW }) },
      { do: "end", exitCode: 0 },
    ],
    [
      "go on only from a wave that is proven good as a whole",
      WAVES,
      { a: live(), b: ended(0), c: live() },
      { do: "end", exitCode: 44 },
    ],
    [
      "leave the last one unproven",
      WAVES,
      { a: live(), b: live(), c: live(), d: ended(0) },
      { do: "end", exitCode: 0 },
    ],
    [
      "stop where an earlier one was replaced",
      WAVES,
      { a: ended(42), b: live() },
      { do: "end", exitCode: 42 },
    ],
    ["wait for the bake time", BAKES, { a: live(NOW - MINUTE) }, { do: "wait", until: NOW + 9 * MINUTE }],
    ["look after it", BAKES, { a: live(NOW - 11 * MINUTE) }, { do: "look", environments: ["a"] }],
    ["go on after a good look", BAKES, { a: looked }, { do: "deploy", environments: ["b", "c"] }],
    ["stop after a bad look", BAKES, { a: { ...looked, ended: 45 } }, { do: "end", exitCode: 45 }],
    [
      "bake nothing behind the last one",
      BAKES,
      { a: live(), b: live(), c: live(), d: live() },
      { do: "end", exitCode: 0 },
    ],
    ["stop at a red one", WAVES, { a: live(), b: ended(40), c: live() }, { do: "end", exitCode: 40 }],
    ["end with the worst", WAVES, { a: live(), b: ended(40), c: ended(41) }, { do: "end", exitCode: 41 }],
    [
      "take all back",
      BACK,
      { a: live(), b: ended(40), c: live() },
      { do: "rollback", environments: ["a", "c"] },
    ],
    [
      "take an unhealthy one back",
      BACK,
      { a: ended(45, { since: 1 }) },
      { do: "rollback", environments: ["a"] },
    ],
    [
      "go on with the way back",
      BACK,
      { a: live(), b: { ...UNSEEN, back: 0 } },
      { do: "rollback", environments: ["a"] },
    ],
    [
      "go on with a way back in flight",
      BACK,
      { a: { ...UNSEEN, returning: true }, c: live() },
      { do: "rollback", environments: ["a", "c"] },
    ],
    [
      "end after the way back",
      BACK,
      { a: { ...UNSEEN, back: 0 }, b: ended(40) },
      { do: "end", exitCode: 40 },
    ],
    [
      "tell a failed way back",
      BACK,
      { a: { ...live(), back: 41 }, b: ended(40) },
      { do: "end", exitCode: 41 },
    ],
    [
      "take back what is still on its way",
      BACK,
      { a: live(), b: ended(40), c: ended(46, { underWay: true }) },
      { do: "rollback", environments: ["a", "c"] },
    ],
    [
      "end with the worst, also of a later wave",
      WAVES,
      { a: ended(42), b: ended(40), c: live() },
      { do: "end", exitCode: 40 },
    ],
    ["take nothing back for a question", BACK, { a: live(), b: ended(46) }, { do: "end", exitCode: 46 }],
    ["take nothing back for a freeze", BACK, { a: live(), b: ended(44) }, { do: "end", exitCode: 44 }],
    ["take nothing back for a newer release", BACK, { a: live(), b: ended(42) }, { do: "end", exitCode: 42 }],
  ])("%s", (_name, waves, seen, next) => {
    expect(nextOf(waves, seen, NOW)).toEqual(next)
  })
})

/** The world of four environments, of which some lose the release when another one is worked on. */
async function over(lost: Readonly<Record<string, string>>) {
  const lines: string[] = []
  const live = new Set<string>()
  const images = { web: "registry/web@sha256:1" }
  const release = { commit: "c", images, since: NOW, proven: true }
  const status = (name: string) => ({
    exitCode: 0,
    text: name,
    inflight: null,
    last: null,
    recorded: live.has(name) ? release : null,
    live: { services: [{ commit: live.has(name) ? "c" : "b", desired: 1, besides: [] }] },
  })
  const ended = await overWaves(
    WAVES,
    { name: "all", commit: "c", images: [{ digest: "sha256:1" }], action: "deploy" },
    {
      run: async (name, action) => {
        if (action !== "status") lines.push(`${action} ${name}`)
        if (action === "deploy") {
          live.add(name)
          live.delete(lost[name] ?? "")
        }
        return status(name)
      },
      id: "r",
      wayBack: "r-back",
      unique: true,
      now: () => NOW,
      sleep: async () => {},
      show: () => {},
    },
  )
  return { ...ended, lines }
}

describe("a run over waves", () => {
  it("asks all earlier environments before the next wave, and goes no further where one lost the release", async () => {
    const all = ["deploy a", "deploy b", "deploy c", "deploy d"]
    expect(await over({})).toMatchObject({ exitCode: 0, lines: all })
    const { exitCode, lines, text } = await over({ b: "a" })
    expect([exitCode, lines]).toEqual([42, all.slice(0, 3)])
    expect(text).toMatch(/1 +a +replaced by another release\n +2 +b +live and proven good\n/)
  })
})

describe("a rollback over waves", () => {
  const known = (commit: string) => ({
    exitCode: 0,
    text: "",
    ...{ inflight: null, last: null },
    recorded: { commit, images: {}, since: NOW, proven: true },
    live: { services: [{ commit, desired: 1, besides: [] }] },
  })

  it("goes back where it can: an environment that breaks keeps no other from it, and is told", async () => {
    const live = new Map(["a", "b", "c", "d"].map((name) => [name, "new"]))
    const ended = await overWaves(
      WAVES,
      { name: "all", commit: "new", images: [], action: "rollback" },
      {
        run: async (name, action) => {
          if (name === "b") return endOfError(new Error("the region is down"))
          if (action === "rollback") live.set(name, "old")
          // Somebody else was faster there.
          const exitCode = action === "rollback" && name === "c" ? 42 : 0
          return { ...known(live.get(name) ?? ""), exitCode }
        },
        ...{
          id: "r",
          wayBack: "r-back",
          unique: true,
          now: () => NOW,
          sleep: async () => {},
          show: () => {},
        },
      },
    )
    expect([...live.values()]).toEqual(["old", "new", "old", "old"])
    expect(ended.exitCode).toBe(1)
    expect(ended.text).toMatch(
      /a +taken back\n +2 +b +unknown \(exit code 1\)\n +c +taken back by another run\n +3 +d +taken back\n/,
    )
    expect(ended.text).toContain("b: the release may be there: act now")
    expect(ended.text).toContain("b\n  the region is down")
  })
})

describe("waves in slipway.yaml", () => {
  const place = (region: string) =>
    `{ account: "123456789012", region: ${region}, cluster: c, state: { bucket: state }, services: [{ name: web, container: web, image: web }] }`
  const config = (order: string, name = "production") =>
    parseConfig(
      `environments:\n  eu: ${place("eu-central-1")}\n  us: ${place("us-east-1")}\nwaves: { ${name}: { order: ${order} } }\n`,
    )
  const named = (order: string, options = {}, name = "production") =>
    wavesOf(config(order, name), { env: name, action: "deploy", ...options })

  it("are several environments under one name", () => {
    expect(named("[[eu], [us]]")).toEqual({ order: [["eu"], ["us"]], bakeMinutes: 0, onFailure: "stop" })
    expect(wavesOf(config("[[eu]]"), { env: "eu", action: "deploy" })).toBeNull()
  })

  it.each([
    [
      "name environments that are there",
      () => named("[[eu], [usa]]"),
      /:4:\d+: waves\.production\.order\[1\]\[0\]: .*expected one of the environments: eu, us/,
    ],
    ["have a name of their own", () => named("[[eu], [us]]", {}, "us"), /:4:\d+: waves\.us: .*another name/],
    ["name each environment once", () => named("[[eu], [us, eu]]"), /each environment once/],
  ])("%s", (_what, read, message) => {
    expect(read).toThrow(message)
  })

  it("is refused where two environments deploy the same service, each with its own ledger", () => {
    const same = `environments:\n  eu: ${place("eu-central-1")}\n  other: ${place("eu-central-1")}\n`
    expect(() => parseConfig(same)).toThrow(
      /:3:\d+: environments\.other\.services\[0\]\.name: .*eu deploys the same one/,
    )
  })

  it.each([
    [{ action: "rollback" as const, to: 3 }],
    [{ action: "migrate" as const }],
    [{ answer: "continue" }],
    [{ infrastructure: {} }],
    [{ action: "status" as const, repair: true }],
  ])("are not meant by what is about one environment: %o", (options) => {
    expect(() => named("[[eu], [us]]", options)).toThrow("name one of eu, us")
  })
})
