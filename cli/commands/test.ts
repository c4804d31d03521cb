import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { status, stop } from "../../engine/control.js"
import { split, usage } from "../args.js"
import { repository } from "../repository.js"
import { chosen } from "../session.js"
import { shell } from "../shell.js"
import type { Command } from "./command.js"

/** How many tests of a part passed and failed. */
interface Count {
  readonly passed: number
  readonly failed: number
}

const PROJECTS = ["unit", "deploy", "engine", "install"] as const

/** The parts of this repository's own check, in their order. */
const PARTS: Readonly<Record<string, (args: readonly string[]) => Promise<Count>>> = {
  lint: () => tool("biome", ["ci", "--error-on-warnings", "."]),
  types: () => tool("tsc", ["--noEmit"]),
  ...Object.fromEntries(PROJECTS.map((name) => [name, (args: readonly string[]) => project(name, args)])),
}

export const test: Command = {
  name: "test",
  help: "runs the tests of Slipway itself",
  usage: [`test [${Object.keys(PARTS).join("|")}]… [-- ARGUMENTS]`],
  details: ["ARGUMENTS go to vitest. The last line is the count of what passed and failed."],
  async run(args) {
    const [names, rest] = split(args)
    const unknown = names.find((name) => !(name in PARTS))
    if (unknown !== undefined) throw usage(`test: there is no part ${unknown}`, "test")
    // What the engine tests start here ends with them.
    const ours = (await chosen()).kind === "embedded" && status().state === "stopped"
    const counts: Count[] = []
    // Ctrl-C ends the tests, and then what was started for them.
    process.on("SIGINT", () => {})
    try {
      for (const [name, part] of Object.entries(PARTS))
        if (names.length === 0 || names.includes(name)) counts.push(await part(rest))
    } finally {
      if (ours) await stop()
    }
    const sum = (key: keyof Count) => counts.reduce((total, count) => total + count[key], 0)
    process.stdout.write(`${sum("passed")} passed, ${sum("failed")} failed\n`)
    return sum("failed") === 0 ? 0 : 1
  },
}

/** Runs one of the repository's own tools; as a whole, it is one test. */
async function tool(name: string, args: readonly string[]): Promise<Count> {
  const code = await run(name, args)
  process.stdout.write(`${code === 0 ? "✓" : "✗"} ${name}\n`)
  return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1 }
}

/** Runs a vitest project. One that does not get to its report counts as a failure. */
async function project(name: string, args: readonly string[]): Promise<Count> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "slipway-test-"))
  const report = path.join(folder, "report.json")
  try {
    const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`]
    const code = await run("vitest", ["run", "--project", name, ...reporters, ...args])
    if (!fs.existsSync(report)) return { passed: 0, failed: 1 }
    const {
      numPassedTests: passed,
      numFailedTests: failed,
    }: { numPassedTests: number; numFailedTests: number } = JSON.parse(fs.readFileSync(report, "utf8"))
    // A file that does not load, or an error outside any test, fails none.
    return { passed, failed: code === 0 ? failed : Math.max(failed, 1) }
  } finally {
    fs.rmSync(folder, { recursive: true, force: true })
  }
}

async function run(name: string, args: readonly string[]): Promise<number> {
  const $ = await shell()
  const file = path.join(repository(), "node_modules/.bin", name)
  const { exitCode } = await $({ cwd: repository(), stdio: "inherit" })`${file} ${args}`
  return exitCode ?? 1
}
