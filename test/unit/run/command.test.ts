import { execFile } from "node:child_process"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from "vitest"
import {
  type CommandResult,
  type CommandStep,
  commandScript,
  onlyPath,
  parseResult,
  quote,
  TAIL_LINES,
} from "../../../ci/src/run/command.js"

// Some wait for timeouts and pauses that are part of what they show.
vi.setConfig({ testTimeout: 40_000 })

const SHELLS = ["sh", "bash"]

let folder = ""
const folders: string[] = []
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "slipway-command-"))
  folders.push(folder)
})

/** What a command leaves behind ends with its container; here the tests see to it. */
afterEach(() => {
  const file = path.join(folder, "left")
  const pids = fs.existsSync(file) ? fs.readFileSync(file, "utf8").trim().split("\n") : []
  for (const pid of pids.map(Number)) {
    try {
      process.kill(pid, "SIGKILL")
    } catch {
      // It has ended.
    }
  }
})
afterAll(() => {
  for (const one of folders) fs.rmSync(one, { recursive: true, force: true })
})

function step(run: string, more: Partial<CommandStep> = {}): CommandStep {
  return { name: "step", run, timeout: 60, ...more }
}

const inFolder = (name: string) => path.join(folder, name)

/** Runs steps as a container would, and reads what they left. */
async function run(
  steps: readonly CommandStep[],
  reports: readonly string[] = [],
  shell = "sh",
): Promise<CommandResult & { readonly seconds: number; readonly size: number }> {
  const results = inFolder("results")
  const begin = performance.now()
  const code = await new Promise<number>((resolve) => {
    const script = commandScript(steps, reports, results)
    const options = { cwd: folder, maxBuffer: 1 << 28 }
    execFile(shell, ["-c", script], options, (error) => resolve(Number(error?.code ?? 0)))
  })
  expect(code).toBe(0)
  const text = fs.readFileSync(path.join(results, "result"), "utf8")
  return {
    ...parseResult(text, steps),
    seconds: (performance.now() - begin) / 1000,
    size: text.length,
  }
}

describe("a quoted word", () => {
  test.each([
    "plain/path-1.txt",
    "two words",
    "it's",
    `"$HOME" \`id\` $(id) \\ * ? ; & | > <`,
    "a\nb",
    "",
    "é ünï → 漢字",
  ])("comes back from the shell as it was: %j", async (word) => {
    const { log } = await run([step(`printf %s ${quote(word)}`)])
    expect(log.text).toBe(word)
  })
})

describe.each(SHELLS)("under %s", (shell) => {
  test("steps run in order, and the first that fails is the last", async () => {
    const steps = [
      step("echo one", { name: "first" }),
      step("echo two; exit 3", { name: "second" }),
      step("echo three", { name: "third" }),
    ]
    const { steps: ran, failed, log } = await run(steps, [], shell)
    expect(ran.map(({ name, exitCode }) => [name, exitCode])).toEqual([
      ["first", 0],
      ["second", 3],
    ])
    expect(failed).toMatchObject({
      name: "second",
      command: "echo two; exit 3",
      timedOut: false,
      attempts: 1,
    })
    expect(log).toEqual({ text: "one\ntwo\n", lines: 2 })
  })

  test("both outputs are in the log, and there is no input to wait for", async () => {
    const { failed, log } = await run([step("echo out; echo err >&2; cat")], [], shell)
    expect(failed).toBeNull()
    expect(log.text).toBe("out\nerr\n")
  })

  test.each([
    ["a command that is not there", "no-such-command-at-all", 127],
    ["a syntax error", "if then", 2],
    ["a signal", "kill -9 $$", 137],
  ])("%s is told by its exit code", async (_what, command, code) => {
    const { failed } = await run([step(command)], [], shell)
    expect(failed).toMatchObject({ exitCode: code, timedOut: false })
  })

  test("a process left behind with the output open keeps nobody waiting", async () => {
    const { failed, seconds } = await run([step("sleep 60 & echo $! >left; echo done")], [], shell)
    expect(failed).toBeNull()
    expect(seconds).toBeLessThan(30)
  })
})

test("a step that hangs is ended with its children, whatever they ignore", async () => {
  const stubborn = `trap '' TERM; echo $$ >>left; (trap '' TERM; sleep 60; sleep 60) & echo $! >>left; echo started; wait; sleep 60`
  const { failed, log, seconds } = await run([step(stubborn, { timeout: 1 })])
  expect(failed).toMatchObject({ exitCode: 137, timedOut: true })
  expect(log.text).toContain("started")
  expect(seconds).toBeLessThan(30)
})

test("a step that hangs quietly has timed out", async () => {
  const { failed } = await run([step("sleep 60", { timeout: 1 })])
  expect(failed).toMatchObject({ exitCode: 124, timedOut: true })
})

describe("tried again", () => {
  const count = "echo x >>tries; [ $(wc -l <tries) -ge 2 ]"

  test("a step passes where a later try does", async () => {
    const { failed, steps, log } = await run([step(count, { attempts: 3 })])
    expect(failed).toBeNull()
    expect(steps).toMatchObject([{ exitCode: 0, attempts: 2 }])
    expect(log.text).toContain("attempt 1 of 3 failed with exit code 1")
  })

  test("a step is not where its log says that it is in vain", async () => {
    const final = step("echo 'Missing: left-pad from lock file'; exit 1", {
      attempts: 3,
      final: "Missing: .* file|other",
    })
    const { failed } = await run([final])
    expect(failed).toMatchObject({ exitCode: 1, attempts: 1 })
  })
})

describe("the log", () => {
  test("is the end of a long one, with the count of all its lines", async () => {
    const { log, size } = await run([
      step("yes 'a line of a log that goes on and on' | head -c 50000000; echo; echo end"),
    ])
    expect(log.text.endsWith("end\n")).toBe(true)
    expect(log.text.split("\n").length).toBeLessThanOrEqual(TAIL_LINES + 1)
    expect(log.lines).toBeGreaterThan(1_000_000)
    expect(size).toBeLessThan(300_000)
  })

  test("of one endless line is cut", async () => {
    const { log, size } = await run([step("head -c 5000000 /dev/zero | tr '\\0' x")])
    expect(log.lines).toBe(1)
    expect(log.text).toMatch(/^x+$/)
    expect(size).toBeLessThan(300_000)
  })

  test("without a last line break is whole", async () => {
    expect((await run([step("printf 'no end'")])).log).toEqual({ text: "no end", lines: 1 })
  })

  test("of a command that says nothing is empty", async () => {
    expect((await run([step("true")])).log).toEqual({ text: "", lines: 0 })
  })

  test("keeps colours and text, and nothing that a terminal or this format would act on", async () => {
    const { log, reports } = await run([
      step("printf 'a\\036b\\000c\\007d\\033[31mé\\033[0m\\r\\n\\037tail'"),
    ])
    expect(log.text.replaceAll("\r", "")).toBe("abcd\u001b[31mé\u001b[0m\ntail")
    expect(reports).toEqual({})
  })

  test("of a binary does not hide what became of the step", async () => {
    const { failed, steps } = await run([step("head -c 100000 /dev/urandom; exit 4")])
    expect(steps).toHaveLength(1)
    expect(failed?.exitCode).toBe(4)
  })
})

describe("reports", () => {
  test("come back by path, patterns and spaces in it included", async () => {
    const make = `mkdir -p 'my reports' && echo one >'my reports/a 1.xml' && echo two >'my reports/b.xml' && echo no >'my reports/c.txt'`
    const { reports } = await run([step(make)], [inFolder("my reports/*.xml"), inFolder("none-[ab].xml")])
    expect(reports).toEqual({
      [inFolder("my reports/a 1.xml")]: "one\n",
      [inFolder("my reports/b.xml")]: "two\n",
    })
  })

  test("come back by a path that would be a pattern, and not those that it matches", async () => {
    const path = inFolder("[id]/what?.json")
    const make = "mkdir '[id]' i && echo own >'[id]/what?.json' && echo other >i/whats.json"
    const { reports } = await run([step(make)], [onlyPath(path)])
    expect(reports).toEqual({ [path]: "own\n" })
  })

  test("come back from a step that failed, too", async () => {
    const { failed, reports } = await run([step("echo '<a/>' >r.xml; exit 1")], [inFolder("r.xml")])
    expect(failed?.exitCode).toBe(1)
    expect(reports[inFolder("r.xml")]).toBe("<a/>\n")
  })

  test("never run as commands", async () => {
    const paths = ["$(touch owned)", "`touch owned`", "a; touch owned", "' touch owned '", "a\ntouch owned"]
    await run([step("true")], paths)
    expect(fs.existsSync(inFolder("owned"))).toBe(false)
  })

  test("lose the control characters that XML forbids, and the mark of this format", async () => {
    const { reports } = await run(
      [step("printf 'a\\036/b\\001\\033[31mc\\n\\td' >r.xml")],
      [inFolder("r.xml")],
    )
    expect(reports).toEqual({ [inFolder("r.xml")]: "a/b[31mc\n\td" })
  })

  test("that are folders or not there are left out", async () => {
    const { reports } = await run([step("mkdir dir")], [inFolder("dir"), inFolder("gone")])
    expect(reports).toEqual({})
  })
})

describe("a result that is cut short", () => {
  test.each([
    "",
    "\u001e",
    "0 1000 2000 0 1\n",
    "0 1000 2000 0 1\n\u001e",
  ])("is read as far as it goes: %j", (text) => {
    const read = parseResult(text, [step("true")])
    expect(read.failed).toBeNull()
    expect(read.log).toEqual({ text: "", lines: 0 })
    expect(read.reports).toEqual({})
  })
})

describe("a step's exit code", () => {
  test.each([
    [124, 5000, true],
    [137, 5000, true],
    [143, 5000, true],
    [124, 4999, false],
    [137, 1000, false],
    [1, 5000, false],
  ])("%i after %i ms of 5 s allowed: timed out %s", (code, ms, timedOut) => {
    const { steps } = parseResult(`0 1000 ${1000 + ms} ${code} 1\n`, [step("true", { timeout: 5 })])
    expect(steps).toMatchObject([{ exitCode: code, timedOut }])
  })
})
