import { describe, expect, test } from "vitest"
import { type Item, type Load, shareOut } from "../../../ci/src/shards/balance.js"

const item = (name: string, seconds: number, more: Partial<Item> = {}): Item => ({
  name,
  seconds,
  before: new Set<string>(),
  splits: false,
  ...more,
})
const needing = (...names: readonly string[]) => ({ before: new Set(names) })
const texts = (loads: readonly Load[]) =>
  loads.map(({ pieces }) =>
    pieces.map(({ name, part }) => (part ? `${name} ${part.index}/${part.count}` : name)).join(" "),
  )
const seconds = (loads: readonly Load[]) => loads.map((load) => load.seconds)

describe("sharing out", () => {
  test("gives the longest first, each to the least busy machine", () => {
    const items = [item("a", 3), item("b", 7), item("c", 4), item("d", 6)]
    expect(texts(shareOut(items, 2))).toEqual(["a b", "c d"])
  })

  test("counts what must run before an item on each machine, once", () => {
    const items = [
      item("install", 30),
      item("lint", 10, needing("install")),
      item("types", 10, needing("install")),
    ]
    expect(texts(shareOut(items, 2))).toEqual(["install lint", "install types"])
    expect(seconds(shareOut(items, 2))).toEqual([40, 40])
    expect(seconds(shareOut(items, 1))).toEqual([50])
  })

  test("runs what others need where they run, and not on a machine of its own", () => {
    const items = [item("install", 30), item("lint", 10, needing("install")), item("secrets", 5)]
    expect(texts(shareOut(items, 3))).toEqual(["install lint", "secrets", ""])
  })

  test("divides the longest suite until no machine gains by it", () => {
    const items = [item("unit", 120, { splits: true }), item("lint", 10)]
    const loads = shareOut(items, 3)
    expect(texts(loads)).toEqual(["unit 1/3 lint", "unit 2/3", "unit 3/3"])
    expect(Math.max(...seconds(loads))).toBeLessThan(60)
  })

  test("leaves a short suite whole: a part costs a container", () => {
    expect(texts(shareOut([item("unit", 6, { splits: true })], 3))).toEqual(["unit", "", ""])
  })

  test("never divides what cannot be divided", () => {
    expect(texts(shareOut([item("e2e", 600), item("lint", 1)], 2))).toEqual(["e2e", "lint"])
  })

  test("gives each part of a suite to another machine", () => {
    for (const load of shareOut([item("unit", 900, { splits: true })], 4)) expect(load.pieces).toHaveLength(1)
  })
})

/** A generator of numbers that repeats itself. */
function numbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31
    return state / 2 ** 31
  }
}

describe.each([1, 2, 3, 4, 5, 6, 7, 8])("a made-up check (%i)", (seed) => {
  const random = numbers(seed)
  const names = Array.from({ length: 30 }, (_, i) => `s${i}`)
  const items = names.map((name, i): Item => {
    const needs = names.slice(0, Math.min(i, 3)).filter(() => random() < 0.4)
    return item(name, 1 + random() * 60, { before: new Set(i < 3 ? [] : needs), splits: random() < 0.3 })
  })
  const count = 2 + (seed % 4)
  const loads = shareOut(items, count)

  test("runs every item once, or each of its parts once", () => {
    const wanted = new Set(items.flatMap(({ before }) => [...before]))
    for (const { name } of items) {
      const pieces = loads.flatMap((load) => load.pieces.filter((piece) => piece.name === name))
      const parts = pieces.flatMap(({ part }) => part ?? [])
      expect(pieces.length).toBeGreaterThan(0)
      if (parts.length > 0)
        expect(parts.map(({ index }) => index).sort()).toEqual(
          Array.from({ length: parts[0]?.count ?? 0 }, (_, i) => i + 1),
        )
      else if (!wanted.has(name)) expect(pieces).toHaveLength(1)
    }
  })

  test("has all needs of an item on its machine", () => {
    const before = new Map(items.map((one) => [one.name, one.before]))
    for (const { pieces } of loads) {
      const there = new Set(pieces.map(({ name }) => name))
      for (const name of there) for (const need of before.get(name) ?? []) expect(there).toContain(need)
    }
  })

  test("is balanced: nobody works a third more than all of it shared equally, with the needs of each", () => {
    const total = items.reduce((sum, one) => sum + one.seconds, 0)
    const needs = items.slice(0, 3).reduce((sum, one) => sum + one.seconds, 0)
    expect(Math.max(...seconds(loads))).toBeLessThan((total / count) * 1.33 + needs)
  })

  test("is the same again, whatever the order of what is equal", () => {
    expect(shareOut(items, count)).toEqual(loads)
    expect(seconds(shareOut(items.toReversed(), count))).toEqual(seconds(loads))
  })
})
