import { execFileSync } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import { expect, test } from "vitest"
import type { RunRecord } from "../../ci/src/run/result.js"
import { storeOf } from "../../cli/results.js"
import { app, call, type Evidence, edit, QUIET, report, stagesWith, temporary } from "./support.js"

const keys = temporary("keys")
const key = path.join(keys, "key")
execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", key])

const JUNIT = '<testsuites><testsuite name="s"><testcase name="adds"/></testsuite></testsuites>'
const custom = (name: string, more: string) =>
  `  ${name}: { image: "node:22-bookworm-slim", inputs: [${name}.txt], ${more} }\n`
const project = app(
  {
    "slipway.yaml": [
      `results: { folder: kept, signers: ["${fs.readFileSync(`${key}.pub`, "utf8").trim()}"] }\n`,
      QUIET,
      "custom:\n",
      custom("first", "commands: [cp first.txt junit.xml], junit: junit.xml"),
      custom("second", "commands: [cat second.txt]"),
      custom("third", "commands: [cat third.txt]"),
    ].join(""),
    "first.txt": JUNIT,
    "second.txt": "one",
    "third.txt": "",
    "index.js": "",
  },
  { lint: "node --check index.js" },
)
const store = () => storeOf(project, { folder: undefined, key })
const run = (number: number): Promise<Evidence> =>
  report(
    project,
    ...(store()?.options ?? []),
    "--run",
    JSON.stringify({ vendor: "github", run: String(number) }),
  )
const remembered = (record: RunRecord) => stagesWith(record, (stage) => stage.remembered?.run === "1")

/** Whether the engine was asked for a stage's command. */
const ranCommands = ({ stderr }: Evidence): boolean => stderr.includes("mkdir -p /slipway")

/** The file of a stage's record in the store. */
function fileOf(stage: string): string {
  const files = fs.readdirSync(path.join(project, "kept")).filter((name) => name.endsWith(".json"))
  const found = files.find((name) =>
    fs.readFileSync(path.join(project, "kept", name), "utf8").includes(`"stage":"${stage}"`),
  )
  if (found === undefined) throw new Error(`the store has no record of ${stage}`)
  return path.join("kept", found)
}

test("what passed elsewhere does not run again: no container, no command, with the evidence of the run that did the work", async () => {
  const first = await run(1)
  expect(first.record.results?.warning).toMatch(/unreachable .*kept.*: every stage runs/)
  expect(store()?.keep(first.folder)).toBeNull()

  const second = await run(2)
  expect(remembered(second.record)).toEqual(["install", "lint", "first", "second", "third"])
  expect(second.stage("first").tests).toMatchObject([{ name: "adds", verdict: "passed" }])
  expect(second.record).toMatchObject({ verdict: "passed", results: { warning: null, refused: [] } })
  // What the engine itself remembers is in its trace as well.
  expect([first, second].map(ranCommands)).toEqual([true, false])
  const audit = fs.readFileSync(path.join(second.folder, "audit.jsonl"), "utf8")
  expect(audit).toContain("stage lint passed (remembered from run 1 of github): nothing found")

  edit(project, "second.txt", () => "two")
  edit(project, fileOf("first"), (text) => text.replace("1 test", "9 tests"))
  // The linter reads all files, and installs for it.
  const third = await run(3)
  expect(remembered(third.record)).toEqual(["third"])
  expect(third.stage("first")).toMatchObject({ verdict: "passed", tests: [{ name: "adds" }] })
  const reason = expect.stringContaining("does not verify")
  expect(third.record.results?.refused).toEqual([{ stage: "first", reason }])

  edit(project, "slipway.yaml", (text) => text.replace("folder: kept", "folder: kept, strict: true"))
  fs.truncateSync(path.join(project, fileOf("third")), 100)
  const strict = await call(project, "--results", path.join(project, "kept"), "ci")
  expect(strict).toMatchObject({ code: 70, said: expect.stringMatching(/third: cut off/) })
})
