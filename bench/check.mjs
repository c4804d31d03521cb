/**
 * What the check of an app costs beside the same commands in a bare shell, on the same machine, in turns.
 *
 *   node bench/check.mjs [rounds]     needs a running engine: `eval "$(./slipway env)"` first
 *
 * The shell runs lint, format, types and unit tests of examples/medflow, two side by side, with everything
 * installed. Slipway's `ci` runs those, and the integration tests on a PostgreSQL of its own, and the builds of
 * two images. Prints the median of each and its ratio to the shell's.
 */
import { execFileSync } from "node:child_process"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"

const rounds = Number(process.argv[2] ?? 3)
const repository = path.resolve(import.meta.dirname, "..")
const app = fs.mkdtempSync(path.join(os.tmpdir(), "slipway-bench-"))
const touched = path.join(app, "frontend/src/main.tsx")

const SHELL = [
  ...["backend", "frontend"].flatMap((name) =>
    ["lint", "type-check", "test:unit"].map((script) => `npm run --silent ${script} -w ${name}`),
  ),
  "npm run --silent format:check",
].join("\n")

const run = (command, args, options = {}) =>
  execFileSync(command, args, { cwd: app, stdio: ["pipe", "pipe", "pipe"], timeout: 900_000, ...options })
const shell = () => run("xargs", ["-P2", "-I{}", "sh", "-c", "{}"], { input: SHELL })
const ci = () => run("dagger", ["call", "-m", repository, "--source", app, "ci"])
const touch = () => fs.appendFileSync(touched, `// ${Date.now()}\n`)

/** In this order: what `ci` remembers when nothing changed is the run before. */
const CASES = {
  "slipway ci, one line changed": () => {
    touch()
    return timed(ci)
  },
  "slipway ci, nothing changed": () => timed(ci),
  "bare shell, one line changed": () => {
    touch()
    return timed(shell)
  },
}

function timed(work) {
  const started = performance.now()
  work()
  return (performance.now() - started) / 1000
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]

try {
  fs.cpSync(path.join(repository, "examples/medflow"), app, {
    recursive: true,
    filter: (file) => !/node_modules|\.slipway|dagger\.json/.test(file),
  })
  run("npm", ["ci", "--silent"])
  run("git", ["init", "--quiet"])
  ci()
  const times = Object.fromEntries(Object.keys(CASES).map((name) => [name, []]))
  for (let round = 0; round < rounds; round++)
    for (const [name, measure] of Object.entries(CASES)) times[name].push(measure())
  const base = median(times["bare shell, one line changed"])
  const row = (name, seconds) =>
    `${name.padEnd(32)} ${seconds.toFixed(1).padStart(6)} s  × ${(seconds / base).toFixed(2)}`
  console.log(
    Object.entries(times)
      .map(([name, each]) => row(name, median(each)))
      .join("\n"),
  )
} finally {
  fs.rmSync(app, { recursive: true, force: true })
}
