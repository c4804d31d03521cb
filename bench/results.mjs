/**
 * How long the check of the example app takes on a fresh runner that has a store of results.
 *
 *   SLIPWAY_HOME=FOLDER node bench/results.mjs       FOLDER: a state folder for this bench alone: its engine is reset
 *
 * First, the whole check runs without a store, and fills one. Then, for each case, the engine stops, loses all that it remembers
 * but the images that it made, starts, and loads Slipway's module: what is timed is `slipway ci` alone. Stages are left out that
 * need Trivy's database or Terraform's providers. Prints seconds, and which stages ran, with theirs.
 */
import { execFileSync, spawnSync } from "node:child_process"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"

const home = process.env.SLIPWAY_HOME
if (!home) throw new Error("set SLIPWAY_HOME to a state folder for this bench alone: its engine is reset")
const repository = path.resolve(import.meta.dirname, "..")
const slipway = path.join(repository, "slipway")
const work = fs.mkdtempSync(path.join(os.tmpdir(), "slipway-bench-"))
const [app, store, key] = ["app", "kept", "key"].map((name) => path.join(work, name))

/** By name: a file that gets one more line, and the line. In this order: each change stays. */
const CASES = {
  "nothing changed": null,
  "docs changed": { file: "README.md", line: "\nOne more line." },
  "one line of the frontend changed": { file: "frontend/src/main.tsx", line: "// one more line" },
}

const LEFT_OUT = ["dependencies", "infrastructure", "image-scan", "sbom", "terraform-validate"]

const run = (command, args, options = {}) => execFileSync(command, args, { stdio: "pipe", ...options })

function prepare() {
  fs.cpSync(path.join(repository, "examples/medflow"), app, {
    recursive: true,
    filter: (file) => !/node_modules|\.slipway/.test(file),
  })
  run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", key])
  const signer = fs.readFileSync(`${key}.pub`, "utf8").trim()
  const stages = LEFT_OUT.map((kind) => `  ${kind}: { enabled: false }\n`).join("")
  const settings = `\nresults:\n  signers:\n    - ${signer}\nstages:\n${stages}`
  fs.appendFileSync(path.join(app, "slipway.yaml"), settings)
  run("git", ["init", "--quiet"], { cwd: app })
  run("git", ["add", "--all"], { cwd: app })
  const author = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
  run("git", [...author, "commit", "--quiet", "-m", "first"], { cwd: app })
}

/** Makes the engine forget all but its images, and loads the module. */
function reset() {
  run(slipway, ["engine", "stop"])
  fs.rmSync(path.join(home, "engine/state"), { recursive: true, force: true })
  run(slipway, ["engine", "start"])
  run(slipway, ["functions"])
}

function check(...options) {
  const started = performance.now()
  const { stdout, stderr } = spawnSync(slipway, ["ci", app, "--results", store, ...options], {
    encoding: "utf8",
  })
  const seconds = (performance.now() - started) / 1000
  const file = path.join(app, ".slipway/result.json")
  if (!fs.existsSync(file)) throw new Error(`${stdout}\n${stderr}`)
  return { seconds, record: JSON.parse(fs.readFileSync(file, "utf8")) }
}

function row(name, { seconds, record }, whole) {
  const ran = record.stages.filter(({ remembered, verdict }) => !remembered && verdict !== "skipped")
  const took = (stage) => stage.endedAt - stage.startedAt
  const names = ran
    .toSorted((a, b) => took(b) - took(a))
    .map((stage) => `${stage.name} ${Math.round(took(stage) / 1000)}`)
    .join(", ")
  const ratio = (seconds / whole).toFixed(2)
  return `${name.padEnd(34)} ${seconds.toFixed(1).padStart(7)} s  × ${ratio}  ${record.verdict}, ran: ${names || "none"}`
}

try {
  prepare()
  reset()
  const first = check("--results-key", key)
  console.log(row("store unreachable", first, first.seconds))
  for (const [name, change] of Object.entries(CASES)) {
    reset()
    if (change !== null) fs.appendFileSync(path.join(app, change.file), `${change.line}\n`)
    console.log(row(name, check(), first.seconds))
  }
} finally {
  fs.rmSync(work, { recursive: true, force: true })
}
