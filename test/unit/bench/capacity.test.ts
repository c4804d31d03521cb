import { describe, expect, test } from "vitest"
import { capacityFor, DAILY, SETUPS } from "../../../bench/capacity.js"
import { allBusy, enginesFor, expectedWaits, type Kind, simulatedWaits } from "../../../bench/queue.js"

const MINUTE: readonly Kind[] = [{ share: 1, seconds: 60 }]

describe("the formula", () => {
  test.each([
    [0.5, 1, 0.5],
    [2, 3, 4 / 9],
    [8, 10, 0.4092],
  ])("has the known probability that all are busy: %d of %d", (busy, engines, expected) => {
    expect(allBusy(busy, engines)).toBeCloseTo(expected, 4)
  })

  test("never ends where more comes than is done", () => {
    const { mean, beyond, within } = expectedWaits({ hourly: 120, kinds: MINUTE, engines: 2 })
    expect([beyond(600), mean, within(0.5)]).toEqual([1, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY])
  })

  test("finds the least number of engines that keeps the goal", () => {
    const runs = { hourly: 600, kinds: MINUTE }
    const engines = enginesFor(runs, 0.95, 30)
    expect(expectedWaits({ ...runs, engines }).within(0.95)).toBeLessThanOrEqual(30)
    expect(expectedWaits({ ...runs, engines: engines - 1 }).within(0.95)).toBeGreaterThan(30)
  })
})

describe("the simulation", () => {
  test("is the same for the same seed", () => {
    const late = (seed: number) =>
      simulatedWaits({ hourly: 50, kinds: MINUTE, engines: 1 }, 1000, seed).beyond(60)
    expect(late(1)).toBe(late(1))
    expect(late(1)).not.toBe(late(2))
  })

  test("has the known mean wait of one engine with equal runs", () => {
    // By Pollaczek and Khinchine: 0.8 × 60 s / (2 × (1 - 0.8)).
    const queue = { hourly: 48, kinds: MINUTE, engines: 1 }
    expect(expectedWaits(queue).mean).toBeCloseTo(120, 6)
    expect(Math.abs(simulatedWaits(queue, 400_000, 3).mean - 120)).toBeLessThan(6)
  })
})

const cases = Object.entries(SETUPS).flatMap(([setup, kinds]) =>
  DAILY.map((daily) => [setup, daily, kinds] as const),
)

test.each(cases)("formula and simulation differ by 3 points at most: %s, %d a day", (_, daily, kinds) => {
  const { late, used } = capacityFor(daily, kinds)
  expect(Math.abs(late.formula - late.simulation)).toBeLessThan(0.03)
  expect(late.formula).toBeLessThanOrEqual(0.05)
  expect(used.hour).toBeLessThan(1)
})

test("the shares of each setup add up to all runs", () => {
  for (const kinds of Object.values(SETUPS))
    expect(kinds.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 10)
})
