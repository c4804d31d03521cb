import { createHash } from "node:crypto"
import * as fs from "node:fs"
import * as path from "node:path"
import { expect, onTestFinished, test } from "vitest"
import { blobPath, UNSIGNED } from "../../ci/src/results/names.js"
import type { RunRecord } from "../../ci/src/run/result.js"
import { storeOf } from "../../cli/results.js"
import { startSimulator } from "../../modules/aws-simulator/program/simulator.js"
import { worldFor } from "../../modules/aws-simulator/program/world.js"
import { keyPair } from "../unit/results/keys.js"
import { startRegistry } from "./host-registry.js"
import { HERE } from "./network.js"
import { PASSWORD, USERNAME } from "./registry.js"
import { app, call, type Evidence, edit, QUIET, report, stagesWith, temporary } from "./support.js"

const keys = temporary("keys")
const { file: key, shared } = keyPair(keys, "key")

const JUNIT = '<testsuites><testsuite name="s"><testcase name="adds"/></testsuite></testsuites>'
const custom = (name: string, more: string) =>
  `  ${name}: { image: "node:22-bookworm-slim", inputs: [${name}.txt], ${more} }\n`
const appWith = (place: string) =>
  app(
    {
      "slipway.yaml": [
        `results: { ${place}, signers: ["${shared}"] }\n`,
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
/** Runs the check as run `number`, with the store of the app. */
function runOf(folder: string, number: number): Promise<Evidence> {
  const { options = [], env = {} } = storeOf(folder, {}) ?? {}
  Object.assign(process.env, env)
  return report(folder, ...options, "--run", JSON.stringify({ vendor: "github", run: String(number) }))
}
/** Signs what a run left, and puts it into the store. */
const keep = (folder: string, { folder: evidence }: Evidence) => storeOf(folder, { key })?.keep(evidence)
const remembered = (record: RunRecord) => stagesWith(record, (stage) => stage.remembered?.run === "1")

/** Whether the engine was asked for a stage's command. */
const ranCommands = ({ stderr }: Evidence): boolean => stderr.includes("mkdir -p /slipway")

const project = appWith("folder: kept")
const run = (number: number) => runOf(project, number)

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
  expect(await keep(project, first)).toBeNull()

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

const sha256 = (content: Buffer): Buffer => createHash("sha256").update(content).digest()

/** Adds a file of bytes to each record that a run left: the stages here leave none. Dagger's digest of a file is the hash of a hash. */
function addFile({ folder }: Evidence, content: Buffer): void {
  const unsigned = path.join(folder, UNSIGNED)
  const digest = `sha256:${sha256(sha256(content)).toString("hex")}`
  for (const name of fs.readdirSync(unsigned))
    edit(unsigned, name, (text) => text.replace('"blobs":{}', `"blobs":{"${name}.bin":"${digest}"}`))
  fs.mkdirSync(path.join(unsigned, path.dirname(blobPath(digest))))
  fs.writeFileSync(path.join(unsigned, blobPath(digest)), content)
}

/** Starts a bucket or a registry. Returns its settings, its login, and how it goes away. */
const PLACES = {
  "a bucket": async () => {
    const world = { account: "111122223333", region: "eu-central-1", cluster: "none", services: [] }
    const aws = await startSimulator({ world: worldFor(world), host: HERE ?? "" })
    onTestFinished(aws.close)
    const place = `s3: "s3://kept/small", region: eu-central-1, endpoint: "${aws.url}"`
    return { place, login: "id:secret", stop: aws.close }
  },
  "a registry": async () => {
    const { host, stop } = await startRegistry(5998)
    return { place: `registry: "http://${host}/clinic/results"`, login: `${USERNAME}:${PASSWORD}`, stop }
  },
}

test.each(
  Object.entries(PLACES),
)("takes results with their files from %s, and runs everything when it is unreachable", async (_name, start) => {
  const { place, login, stop } = await start()
  process.env.SLIPWAY_RESULTS_LOGIN = login
  const own = appWith(place)
  const first = await runOf(own, 1)
  expect(first.record.results).toMatchObject({ warning: null, refused: [] })
  // All stages share it: it is large so that writing it twice at once would show.
  const content = Buffer.alloc(4 * 1024 * 1024, Buffer.from([0, 255, 10, 13]))
  addFile(first, content)
  expect(await keep(own, first)).toBeNull()

  const second = await runOf(own, 2)
  expect(second.record.results).toMatchObject({ warning: null, refused: [] })
  expect(remembered(second.record)).toEqual(["install", "lint", "first", "second", "third"])
  const files = fs.readdirSync(second.folder).filter((name) => name.endsWith(".bin"))
  const digests = files.map((name) => sha256(fs.readFileSync(path.join(second.folder, name))))
  expect(digests).toEqual(Array.from({ length: 5 }, () => sha256(content)))

  await stop()
  const third = await runOf(own, 3)
  expect(third.record).toMatchObject({
    verdict: "passed",
    results: { warning: expect.stringContaining("ECONNREFUSED") },
  })
  expect(remembered(third.record)).toEqual([])
})
