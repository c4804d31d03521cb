/** Where the time of a run of the tests went: data, and the table of it. All times in milliseconds. */
import { duration } from "../../ci/src/formats/figures.js"

/** The environment variable that names the file that the reporter writes its {@link Report} to. */
export const REPORT = "SLIPWAY_TEST_REPORT"

/** The environment variable that names the files, one a line, that count the engine's processor time. */
export const ENGINE_TIMES = "SLIPWAY_TEST_ENGINE_TIMES"

/** How much processor time a test file took. */
interface Processor {
  /** Of the process that ran it, and of the processes that it started and that ended. */
  readonly own: number
  /** What the engine and its containers had taken when the file began, and when it ended; null where it is not known. */
  readonly engine: readonly [before: number, after: number] | null
}

declare module "@vitest/runner" {
  interface TaskMeta {
    processor?: Processor
  }
}

/** What took how long. */
interface Times {
  readonly passed: number
  readonly failed: number
  readonly wall: number
  /** Of the tests' own processes. */
  readonly processor: number
  /** Of the engine and its containers meanwhile, for whichever file; null where none is counted. */
  readonly engine: number | null
}

export interface FileTimes extends Times {
  /** From the repository's root. */
  readonly file: string
}

/** What the reporter leaves of a vitest project. */
export interface Report {
  readonly files: readonly FileTimes[]
  /** From the first file's beginning to the last one's end: files that run side by side count the same time. */
  readonly engine: number | null
}

/** A part of the suite, such as `unit`. */
export interface PartTimes extends Times {
  readonly name: string
  readonly files: readonly FileTimes[]
}

const SLOWEST = 15

/** The table of where the time went: parts in their order, then the slowest files. */
export function timesTable(parts: readonly PartTimes[]): string {
  const files = parts.flatMap((part) => part.files)
  const slowest = files.toSorted((a, b) => b.wall - a.wall).slice(0, SLOWEST)
  const lines = [
    ["where the time went", "tests", "wall", "processor", "engine"],
    ...parts.map((part) => line(part.name, part)),
    ...(slowest.length > 0 ? [["slowest files", "", "", "", ""]] : []),
    ...slowest.map((file) => line(file.file, file)),
  ]
  const widths = [0, 1, 2, 3, 4].map((column) =>
    Math.max(...lines.map((cells) => cells[column]?.length ?? 0)),
  )
  return lines
    .map((cells) =>
      cells
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join("  ")
        .trimEnd(),
    )
    .join("\n")
}

const line = (name: string, { passed, failed, wall, processor, engine }: Times): readonly string[] => [
  `  ${name}`,
  String(passed + failed),
  duration(wall),
  duration(processor),
  engine === null ? "" : duration(engine),
]
