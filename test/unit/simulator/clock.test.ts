import { Agent, request } from "node:http"
import { describe, expect, it } from "vitest"
import { control, START, simulate, sleep } from "./rehearse.ts"

const minutesPassed = async (url: string): Promise<number> => {
  const { now } = await control(url, "GET", "clock")
  return (Number(now) - Date.parse(START)) / 60_000
}

/** Says that it takes part, over a connection that stays open. */
function joinOver(agent: Agent, url: string, participant: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const asked = request(`${url}/_simulator/participants`, { agent, method: "POST" }, (answer) => {
      answer.resume()
      answer.once("end", resolve)
    })
    asked.once("error", reject)
    asked.end(JSON.stringify({ participant }))
  })
}

describe("the virtual clock", () => {
  it("leaps to the first thing that somebody waits for, once everybody waits", async () => {
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

  it("does not wait for one whose connection was closed", async () => {
    const { url } = await simulate()
    const agent = new Agent({ keepAlive: true })
    await joinOver(agent, url, "killed")
    const rest = sleep(url, 60, "other")
    expect(await minutesPassed(url)).toBe(0)
    agent.destroy()
    await rest
    expect(await minutesPassed(url)).toBe(1)
  })

  it("does not wait for one of whom nothing is heard", async () => {
    const { url } = await simulate()
    await control(url, "POST", "participants", { participant: "silent", timeoutMilliseconds: 1 })
    await sleep(url, 60, "other")
    expect(await minutesPassed(url)).toBe(1)
  })

  it("forgets the sleep of one who was killed in it", async () => {
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

  it("runs by itself, so many times faster, where it is told to", async () => {
    const { url } = await simulate({}, {}, 60_000)
    await sleep(url, 120)
    expect(await minutesPassed(url)).toBeGreaterThanOrEqual(2)
  })

  it("says what it needs", async () => {
    const { url } = await simulate()
    const answer = await fetch(`${url}/_simulator/sleep`, { method: "POST", body: "{}" })
    expect([answer.status, await answer.json()]).toEqual([
      400,
      { error: 'sleep needs {"participant": "name", "milliseconds": 1000}' },
    ])
  })
})
