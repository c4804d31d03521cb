/** Whether the live release works on the migrated schema: a deployment requires the result. */
import { describe, expect, it } from "vitest"
import { type Changes, commit, MIGRATION, type Ran, rewrite, run, show, simulate } from "./rehearsal.ts"

type Simulator = Awaited<ReturnType<typeof simulate>>

const QUICK = {
  seconds: { provision: 1, pull: 1, start: 1, healthy: 3, stop: 1, retry: 2, drain: 3, stage: 1 },
}
const REQUIRED = {
  migration: { ...MIGRATION, compatible: "required" },
  smoke: [{ url: "https://clinic.example.org/api" }],
} as const satisfies Changes["environment"]

const wish = (index: number, rest: Changes = {}): Changes => ({
  environment: REQUIRED,
  commit: index,
  ...rest,
})
const ended = ({ result }: Ran) => [result.outcome, result.exitCode]
const REFUSED = ["refused", 44]

/** Deploys the first commit, which needs no result. */
async function withLive(): Promise<Simulator> {
  const simulator = await simulate(QUICK)
  expect(ended(await run(simulator, wish(0)))).toEqual(["succeeded", 0])
  return simulator
}

/** Finds out what must be tried for a commit. */
const asked = async (simulator: Simulator, index: number) =>
  (await run(simulator, wish(index, { action: "compatible" }))).result.trial

/** Keeps a verdict about what must be tried for a commit. */
async function tried(simulator: Simulator, index: number, verdict: "passed" | "failed", what = "") {
  const subject = (await asked(simulator, index))?.subject ?? ""
  const request = { trial: { subject, verdict, what } }
  return run(simulator, wish(index, { action: "compatible", request }))
}

/** Cuts off what the bucket has as results. */
const cut = (simulator: Simulator): void => rewrite(simulator, "/compatible/", (text) => text.slice(0, 200))

const migrations = ({ rehearsal }: Simulator): number =>
  rehearsal.journal.filter(({ operation }) => operation === "RunTask").length

describe("with `compatible: required`", () => {
  it("refuses a migration until the live release was shown to work on its schema", {
    timeout: 60_000,
  }, async () => {
    const simulator = await withLive()
    const untried = await run(simulator, wish(1))
    show(untried)
    expect(ended(untried)).toEqual(REFUSED)
    expect([untried.result.what, untried.result.todo[0]]).toEqual([
      "not tried: release 1 (aaaaaaaaaaaa) on the schema of the expand migration of bbbbbbbbbbbb",
      expect.stringContaining("slipway compatible --env staging --images"),
    ])
    const plan = await run(simulator, wish(1, { action: "plan" }))
    expect(plan.result.text).toContain("a deployment would be refused now: not tried: release 1")
    expect(ended(await run(simulator, wish(1, { action: "migrate" })))).toEqual(REFUSED)

    const error = 'backend: error: column "phone" does not exist'
    await tried(simulator, 1, "failed", error)
    const failed = await run(simulator, wish(1))
    show(failed)
    expect([...ended(failed), failed.result.cause]).toEqual([...REFUSED, error])

    cut(simulator)
    const damaged = await run(simulator, wish(1))
    expect([...ended(damaged), damaged.result.what]).toEqual([
      ...REFUSED,
      expect.stringContaining("is damaged: it is truncated"),
    ])
    expect(migrations(simulator)).toBe(1)

    show(await tried(simulator, 1, "passed"))
    const ran = await run(simulator, wish(1))
    show(ran)
    expect(ended(ran)).toEqual(["succeeded", 0])
    expect(ran.printed.join("\n")).toMatch(/✓ compatible .*works: release 1 \(aaaaaaaaaaaa\)/)
  })

  it("counts no result about another live release", { timeout: 60_000 }, async () => {
    const simulator = await withLive()
    const early = await asked(simulator, 2)
    expect(early).toMatchObject({
      live: { release: 1, commit: commit(0), images: { web: expect.stringContaining("/web@sha256:aaaa") } },
      migration: { phase: "expand", image: expect.stringContaining("/migrate@sha256:cccc"), command: null },
      checks: [{ url: "https://clinic.example.org/health" }, { url: "https://clinic.example.org/api" }],
    })
    await tried(simulator, 2, "passed")
    await tried(simulator, 1, "passed")
    await run(simulator, wish(1))
    const ran = await run(simulator, wish(2))
    show(ran)
    expect([...ended(ran), ran.result.cause]).toEqual([
      ...REFUSED,
      "2 results are about another live release or migration",
    ])
    expect(ran.result.what).toContain("not tried: release 2 (bbbbbbbbbbbb)")
    const trial = { subject: early?.subject ?? "", verdict: "passed", what: "" } as const
    const late = await run(simulator, wish(2, { action: "compatible", request: { trial } }))
    expect([...ended(late), late.result.what]).toEqual([
      ...REFUSED,
      "another release is live by now: bbbbbbbbbbbb",
    ])
  })
})
