import { Agent, request } from "node:http"
import { describe, expect, it } from "vitest"
import { control, START, simulate, sleep } from "./rehearse.ts"

const minutesPassed = async (url: string): Promise<number> => {
  const { now } = await control(url, "GET", "clock")
  return (Number(now) - Date.parse(START)) / 60_000
}

/** Joins the clock over a connection that stays open. */
function joinOver(agent: Agent, url: string, participant: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = request(`${url}/_simulator/participants`, { agent, method: "POST" }, (answer) => {
      answer.resume()
      answer.once("end", resolve)
    })
    sent.once("error", reject)
    sent.end(JSON.stringify({ participant }))
  })
}

describe("the virtual clock", () => {
  it("leaps to the earliest end of a sleep once all participants sleep", async () => {
    const { url } = await simulate()
    await control(url, "POST", "participants", { participant: "one" })
    await control(url, "POST", "participants", { participant: "two" })
    const order: string[] = []
    const note = (what: string) => async () => {
      order.push(`${what} at ${await minutesPassed(url)}`)
    }
    const long = sleep(url, 60 * 60, "one").then(note("one"))
    expect(await minutesPassed(url)).toBe(0)
    await sleep(url, 60, "two").then(note("two"))
    await sleep(url, 120, "two").then(note("two"))
    await control(url, "DELETE", "participants/two")
    await long
    expect(order).toEqual(["two at 1", "two at 3", "one at 60"])
  })

  it("does not wait for a participant with a closed connection", async () => {
    const { url } = await simulate()
    const agent = new Agent({ keepAlive: true })
    await joinOver(agent, url, "killed")
    const rest = sleep(url, 60, "other")
    expect(await minutesPassed(url)).toBe(0)
    agent.destroy()
    await rest
    expect(await minutesPassed(url)).toBe(1)
  })

  it("does not wait for a silent participant", async () => {
    const { url } = await simulate()
    await control(url, "POST", "participants", { participant: "silent", timeoutMilliseconds: 1 })
    await sleep(url, 60, "other")
    expect(await minutesPassed(url)).toBe(1)
  })

  it("drops the sleep of a killed participant", async () => {
    const { url, rehearsal } = await simulate()
    await control(url, "POST", "participants", { participant: "awake" })
    const killed = new AbortController()
    const body = JSON.stringify({ participant: "asleep", milliseconds: 1000 })
    const asleep = fetch(`${url}/_simulator/sleep`, { method: "POST", body, signal: killed.signal })
    const ended = asleep.catch(() => "killed")
    await expect.poll(() => rehearsal.clock.participants()).toEqual(["awake", "asleep"])
    killed.abort()
    await expect.poll(() => rehearsal.clock.participants()).toEqual(["awake"])
    expect(await ended).toBe("killed")
    await sleep(url, 60, "awake")
    expect(await minutesPassed(url)).toBe(1)
  })

  it("runs faster than real time with a factor", async () => {
    const { url } = await simulate({}, {}, 60_000)
    await sleep(url, 120)
    expect(await minutesPassed(url)).toBeGreaterThanOrEqual(2)
  })

  it("rejects a sleep without participant", async () => {
    const { url } = await simulate()
    const answer = await fetch(`${url}/_simulator/sleep`, { method: "POST", body: "{}" })
    expect(answer.status).toBe(400)
    expect(await answer.text()).toMatch(/participant.*milliseconds/)
  })
})
