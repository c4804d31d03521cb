/**
 * `node bench/sdk-call.mjs [rounds]`: what a function call costs on the running engine, through the fast path and
 * through the SDK's own entry, in turns. Needs _EXPERIMENTAL_DAGGER_RUNNER_HOST and the dagger CLI.
 */
import { execFileSync } from "node:child_process"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"

const rounds = Number(process.argv[2] ?? 7)
const command = process.env._EXPERIMENTAL_DAGGER_CLI_BIN ?? "dagger"
const env = { ...process.env, DAGGER_PROGRESS: "plain", DAGGER_NO_NAG: "1", DO_NOT_TRACK: "1", NO_COLOR: "1" }

const SOURCE = `import { func, object } from "@dagger.io/dagger"

@object()
export class Hello {
  @func()
  hello(name: string): string {
    return \`hello \${name}\`
  }
}
`

/** Makes a module that uses one of the two ways. */
function makeModule(entry) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), `slipway-${entry}-`))
  execFileSync("git", ["init", "--quiet", folder])
  const files = {
    "dagger.json": JSON.stringify({ name: "hello", engineVersion: "v0.21.8", sdk: { source: "typescript" } }),
    "package.json": JSON.stringify({ type: "module", slipway: { entry } }),
    "src/index.ts": SOURCE,
  }
  fs.mkdirSync(path.join(folder, "src"))
  for (const [name, contents] of Object.entries(files)) fs.writeFileSync(path.join(folder, name), contents)
  return folder
}

/** Seconds of one command in all, and of the function within it. */
function timed(cwd, ...args) {
  const start = performance.now()
  const log = `${cwd}.log`
  const output = fs.openSync(log, "w")
  execFileSync(command, args, { cwd, env, stdio: ["ignore", "ignore", output] })
  fs.closeSync(output)
  const progress = fs.readFileSync(log, "utf8")
  fs.rmSync(log)
  const own = /Hello\.hello DONE \[([\d.]+)s\]/.exec(progress)
  return { all: (performance.now() - start) / 1000, own: own ? Number(own[1]) : null }
}

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]
const shown = (values) =>
  `${median(values).toFixed(2)} s (${Math.min(...values).toFixed(2)}–${Math.max(...values).toFixed(2)})`

const ways = ["fast", "stock"].map((entry) => ({
  entry,
  folder: makeModule(entry),
  all: [],
  own: [],
  functions: [],
  edited: [],
}))
for (const { folder } of ways) timed(folder, "call", "hello", "--name", "first")
for (let round = 0; round < rounds; round++)
  for (const way of ways) {
    const { all, own } = timed(way.folder, "call", "hello", "--name", `${round}-${Date.now()}`)
    way.all.push(all)
    if (own !== null) way.own.push(own)
    way.functions.push(timed(way.folder, "functions").all)
  }
for (let round = 0; round < 3; round++)
  for (const way of ways) {
    fs.appendFileSync(path.join(way.folder, "src/index.ts"), `// edit ${round} ${Date.now()}\n`)
    way.edited.push(timed(way.folder, "call", "hello", "--name", "after").all)
  }

for (const { entry, all, own, functions, edited } of ways) {
  console.log(`${entry}: dagger call ${shown(all)}, of it the function ${shown(own)}`)
  console.log(`  dagger functions, nothing changed: ${shown(functions)}`)
  console.log(`  dagger call after an edit: ${shown(edited)}`)
}
const [fast, stock] = ways
console.log(
  `stock / fast: call ${(median(stock.all) / median(fast.all)).toFixed(1)}, function ${(median(stock.own) / median(fast.own)).toFixed(1)}`,
)
for (const { folder } of ways) fs.rmSync(folder, { recursive: true })
