/** One release over two regions with accounts of their own, each a simulator. */
import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import type { Waves } from "../../ci/src/deploy/waves.js"
import { liveIn, NEW, OLD, places, released, runIn, type Told, WAVES } from "./over-waves.ts"

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

  it.each([
    "health eu-canary",
    "deploy us-east",
  ])("takes nothing back where AWS does not show what is live before `%s`", async (moment) => {
    const all = await places()
    const denies = (...denied: string[]) => {
      const { rehearsal } = all["eu-canary"]
      const state = rehearsal.look()
      rehearsal.become({ ...state, scenario: { ...state.scenario, denied } })
    }
    const waves: Waves = { ...WAVES, onFailure: "rollback", order: [["eu-canary"], ["us-east"]] }
    const meanwhile = { [moment]: () => denies("ecs:Describe*") }
    const { exitCode, lines, text } = await released(all, { waves, meanwhile })
    expect([exitCode, lines.filter((line) => /rollback/.test(line))], text).toEqual([48, []])
    expect(text).toMatch(/eu-canary +unknown: it could not be asked/)
    denies()
    expect((await released(all, { waves })).exitCode).toBe(0)
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
