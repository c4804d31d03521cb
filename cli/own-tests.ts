import { spawn } from "node:child_process"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { repository } from "../engine/host/repository.js"
import { type PartTimes, REPORT, type Report } from "../test/suite/times.js"

/** The vitest projects of this repository that `slipway test` runs, in their order. */
export const PROJECTS = ["unit", "deploy", "engine", "install"] as const

/** Options of vitest by project. A test of the engine waits more than it works: two files side by side share two cores. */
const OPTIONS: Readonly<Record<string, readonly string[]>> = { engine: ["--maxWorkers=2"] }

/** A command that ended. Times in milliseconds. */
interface Ended {
  readonly code: number
  readonly wall: number
  readonly processor: number
}

/** Where a part's output goes: to the screen at once, or all of it when the part ends, as others write meanwhile. */
export type Output = "live" | "whole"

/** Runs one of the repository's own tools; as a whole, it is one test. */
export async function tool(
  name: string,
  command: string,
  args: readonly string[],
  output: Output,
): Promise<PartTimes> {
  const { code, wall, processor } = await run(command, args, output)
  process.stdout.write(`${code === 0 ? "✓" : "✗"} ${name}\n`)
  const counts = { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1 }
  return { name, ...counts, wall, processor, engine: null, files: [] }
}

/**
 * Runs tests of a vitest project. A run that does not get to its report, or that fails outside of any test, counts as
 * one failure.
 *
 * @param args filters of files, and options of vitest.
 */
export async function project(
  name: string,
  args: readonly string[],
  output: Output = "live",
): Promise<PartTimes> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "slipway-test-"))
  const file = path.join(folder, "report.json")
  try {
    const reporters = ["--reporter=default", "--reporter=./test/suite/reporter.ts"]
    const options = ["--project", name, ...(OPTIONS[name] ?? []), ...reporters]
    const ended = await run("vitest", ["run", ...options, ...args], output, { [REPORT]: file })
    const { files, engine }: Report = fs.existsSync(file)
      ? JSON.parse(fs.readFileSync(file, "utf8"))
      : { files: [], engine: null }
    const failed = files.reduce((sum, one) => sum + one.failed, 0)
    return {
      name,
      passed: files.reduce((sum, one) => sum + one.passed, 0),
      failed: ended.code === 0 ? failed : Math.max(failed, 1),
      wall: ended.wall,
      processor: ended.processor,
      engine,
      files,
    }
  } finally {
    fs.rmSync(folder, { recursive: true, force: true })
  }
}

/** The shell tells what processor time its children took, which Node.js cannot: `0m1.23s 0m0.45s` in its second line. */
const TIMED = '"$@"; code=$?; times >&3; exit $code'

function run(
  name: string,
  args: readonly string[],
  output: Output,
  env: NodeJS.ProcessEnv = {},
): Promise<Ended> {
  const command = path.join(repository(), "node_modules/.bin", name)
  const begun = performance.now()
  const out = output === "live" ? "inherit" : "pipe"
  const child = spawn("sh", ["-c", TIMED, "sh", command, ...args], {
    cwd: repository(),
    env: { ...process.env, ...env },
    stdio: ["inherit", out, out, "pipe"],
  })
  const kept: Buffer[] = []
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (data: Buffer) => kept.push(data))
  let times = ""
  child.stdio[3]?.on("data", (data) => {
    times += data
  })
  return new Promise((resolve, reject) => {
    child.on("error", reject)
    child.on("close", (code) => {
      process.stdout.write(Buffer.concat(kept))
      const processor = [...(times.split("\n")[1] ?? "").matchAll(/(\d+)m([\d.]+)s/g)]
        .map(([, minutes, seconds]) => (Number(minutes) * 60 + Number(seconds)) * 1000)
        .reduce((sum, one) => sum + one, 0)
      resolve({ code: code ?? 1, wall: performance.now() - begun, processor })
    })
  })
}
