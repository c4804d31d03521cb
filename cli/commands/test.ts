import * as fs from "node:fs"
import * as path from "node:path"
import { status, stop } from "../../engine/control.js"
import { repository } from "../../engine/host/repository.js"
import { otherUsers } from "../../engine/users.js"
import { RARE } from "../../test/suite/rare.js"
import { type PartTimes, timesTable } from "../../test/suite/times.js"
import { parse, split, usage } from "../args.js"
import { wrapped } from "../module/manual.js"
import { type Output, PROJECTS, project, tool } from "../own-tests.js"
import { rareTests } from "../rare-tests.js"
import { chosen } from "../session.js"
import type { Command } from "./command.js"

type Part = (args: readonly string[], output: Output) => Promise<PartTimes>

/** The parts of this repository's own check, in their order. */
const PARTS: Readonly<Record<string, Part>> = {
  lint: (_, output) => tool("lint", "biome", ["ci", "--error-on-warnings", "."], output),
  types: (_, output) => tool("types", "tsc", ["--noEmit"], output),
  ...Object.fromEntries(
    PROJECTS.map((name): [string, Part] => [name, (args, output) => project(name, args, output)]),
  ),
}

/** The parts that run beside those of the engine, which often wait. The last have the machine to themselves: they measure. */
const LANES = { beside: ["lint", "types", "unit", "deploy"], engine: ["engine"], after: ["install"] } as const

/** Where the times of the last run are left, as JSON. */
const TIMES = "node_modules/.slipway/test-times.json"

export const test: Command = {
  name: "test",
  group: "This machine",
  help: "runs the tests of Slipway itself",
  usage: [
    `test [${Object.keys(PARTS).join("|")}]… [FILE]… [-- ARGUMENTS]`,
    "test rare [SUITE]… [--changed] [--within MINUTES] [-- ARGUMENTS]",
  ],
  details: [
    "With a function of the module, such as `slipway test integration`, it tests the app instead; so does",
    "`slipway test unit`: Slipway's own unit tests alone are `npm run test:unit`.",
    "FILE is a test file, such as test/engine/faults.test.ts; ARGUMENTS go to vitest.",
    "rare runs the suites whose tools take minutes to build:",
    `  ${wrapped(Object.keys(RARE).join(", "), 2)}`,
    "--changed skips suites whose sources have not changed since they were last green.",
    "--within names, and does not run, suites that may take longer than the minutes that are left.",
    `The last lines show where the time went (also in ${TIMES}),`,
    "and how many tests passed and failed.",
  ],
  async run(args) {
    const [own, rest] = split(args)
    const { values, positionals } = parse("test", own, {
      changed: { type: "boolean", default: false },
      within: { type: "string" },
    })
    const [first, ...suites] = positionals
    const tests =
      first === "rare"
        ? () =>
            rareTests({
              names: suites,
              changed: values.changed,
              within: minutesOf(values.within),
              args: rest,
            })
        : plainTests(positionals, rest)
    // What the engine tests start here ends with them, unless another command uses it by then.
    const ours = (await chosen()).kind === "embedded" && status().state === "stopped"
    // Ctrl-C ends the tests, and then what was started for them.
    process.on("SIGINT", () => {})
    try {
      return conclude(await tests())
    } finally {
      if (ours && otherUsers().length === 0) await stop()
    }
  },
}

/** Runs parts; with files, those alone, in the parts that they are of. */
function plainTests(names: readonly string[], args: readonly string[]): () => Promise<readonly PartTimes[]> {
  const files = names.filter((name) => name.includes("/"))
  const parts = names.filter((name) => !files.includes(name))
  const unknown = parts.find((name) => !(name in PARTS))
  if (unknown !== undefined) throw usage(`test: there is no part ${unknown}`, "test")
  const wanted =
    parts.length > 0 ? parts : PROJECTS.filter((name) => files.some((file) => file.includes(`${name}/`)))
  const lane = async (lane: readonly string[], output: Output): Promise<readonly PartTimes[]> => {
    const times: PartTimes[] = []
    for (const [name, part] of Object.entries(PARTS))
      if (lane.includes(name) && (names.length === 0 || wanted.includes(name)))
        times.push(await part([...files, ...args], output))
    return times
  }
  return async () => {
    const alone = names.length > 0 && !wanted.includes("engine")
    const times = await Promise.all([
      lane(LANES.beside, alone ? "live" : "whole"),
      lane(LANES.engine, "live"),
    ])
    return [...times.flat(), ...(await lane(LANES.after, "live"))]
  }
}

/** Leaves the times of a run, prints its table and its counts; nothing where no part ran. @returns the exit code. */
function conclude(parts: readonly PartTimes[]): number {
  if (parts.length === 0) return 0
  const file = path.join(repository(), TIMES)
  fs.mkdirSync(path.dirname(file), { recursive: true })
  fs.writeFileSync(file, `${JSON.stringify(parts, null, 2)}\n`)
  const sum = (key: "passed" | "failed") => parts.reduce((total, part) => total + part[key], 0)
  process.stdout.write(`\n${timesTable(parts)}\n\n${sum("passed")} passed, ${sum("failed")} failed\n`)
  return sum("failed") === 0 ? 0 : 1
}

/** The number of minutes in an option, or null where it is not given. */
function minutesOf(text: string | undefined): number | null {
  if (text === undefined) return null
  if (/^-?\d+$/.test(text)) return Number(text)
  throw usage(`test rare: --within takes a number of minutes, not ${JSON.stringify(text)}`, "test")
}
