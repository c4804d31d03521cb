import { expect, test } from "vitest"
import { type FileTimes, type PartTimes, timesTable } from "../../suite/times.js"

const file = (name: string, wall: number, engine: number | null = null): FileTimes => ({
  file: name,
  passed: 1,
  failed: 0,
  wall,
  processor: wall / 2,
  engine,
})

const part = (name: string, files: readonly FileTimes[], engine: number | null = null): PartTimes => ({
  name,
  passed: 3,
  failed: 1,
  wall: 90_000,
  processor: 1_250,
  engine,
  files,
})

test("shows parts in their order, and the engine's time where it is known", () => {
  const table = timesTable([part("unit", []), part("engine", [file("b.test.ts", 2_000, 3_000)], 3_000)])
  expect(table.split("\n")).toEqual([
    "where the time went  tests        wall  processor  engine",
    "  unit                   4  1 min 30 s      1.3 s",
    "  engine                 4  1 min 30 s      1.3 s   3.0 s",
    "slowest files",
    "  b.test.ts              1       2.0 s      1.0 s   3.0 s",
  ])
})

test("names the 15 slowest files of all parts, the slowest first", () => {
  const files = Array.from({ length: 20 }, (_, i) => file(`${i}.test.ts`, i * 1_000))
  const names = timesTable([part("unit", files.slice(0, 10)), part("deploy", files.slice(10))])
    .split("\n")
    .flatMap((line) => /(\d+)\.test\.ts/.exec(line)?.[1] ?? [])
  expect(names).toEqual(Array.from({ length: 15 }, (_, i) => String(19 - i)))
})
