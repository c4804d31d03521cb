/**
 * How right Slipway is about public repositories, at first contact: checks each of `repositories.json` out at its commit,
 * runs `./slipway ci` with no file added, and compares stage by stage with what the repository's own CI says.
 *
 *   node bench/repositories.mjs [--from 'PATTERN'] [--again] [--write] [--times] [NAME…]
 *
 * `--from` names other places to clone from, with `{owner}` and `{name}` in it; GitHub otherwise. `--again` runs each a second
 * time, to see what is remembered. `--write` puts each row into docs/repositories.md as it is known, with its seconds where
 * `--times` says that nothing else runs on the machine: of the first run, of the one after, and, where `commands` has what the
 * repository's own CI runs, of those in a shell with an empty package cache, one after another.
 */
import { spawnSync } from "node:child_process"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { parseArgs } from "node:util"
import { linesOf, write } from "./table.mjs"

const HOME = path.resolve(import.meta.dirname, "..")
const LIMIT = 45 * 60_000

const { values: options, positionals: wanted } = parseArgs({
  allowPositionals: true,
  options: {
    from: { type: "string", default: "https://github.com/{owner}/{name}.git" },
    again: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
    times: { type: "boolean", default: false },
  },
})

/** No vendor's variables: the run is that of a laptop. */
const ENVIRONMENT = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(?:CI|GITHUB_|GITLAB_|BUILDKITE|TF_BUILD)/.test(name)),
)

const run = (command, args, more = {}) =>
  spawnSync(command, args, {
    encoding: "utf8",
    env: ENVIRONMENT,
    timeout: LIMIT,
    maxBuffer: 1 << 28,
    ...more,
  })

function must(command, args, more) {
  const { status, stderr } = run(command, args, more)
  if (status !== 0) throw new Error(`${command} ${args.join(" ")}: ${stderr}`)
}

/** `without`: patterns of large files that a copy may lack and no stage reads. */
function checkOut({ repository, commit, without = [] }, folder) {
  const [owner, name] = repository.split("/")
  const source = options.from.replaceAll("{owner}", owner).replaceAll("{name}", name)
  must("git", ["clone", "--quiet", "--no-checkout", source, folder])
  if (without.length > 0)
    must("git", [
      "-C",
      folder,
      "sparse-checkout",
      "set",
      "--no-cone",
      "/*",
      ...without.map((one) => `!${one}`),
    ])
  must("git", ["-C", folder, "checkout", "--quiet", commit])
}

/** Runs the check once. */
function check(folder) {
  const result = path.join(folder, ".slipway/result.json")
  fs.rmSync(result, { force: true })
  const started = performance.now()
  const { status, stdout, stderr } = run(path.join(HOME, "slipway"), ["ci", folder])
  const seconds = Math.round((performance.now() - started) / 1000)
  const record = fs.existsSync(result) ? JSON.parse(fs.readFileSync(result, "utf8")) : null
  return { code: status, seconds, record, text: `${stdout}\n${stderr}` }
}

/** Seconds of the repository's own commands in a shell, in a copy, with an empty package cache; null if one of them fails. */
function inShell({ repository, commands }, folder) {
  const [copy, cache] = [`${folder}-shell`, `${folder}-cache`]
  fs.cpSync(folder, copy, { recursive: true, verbatimSymlinks: true })
  const env = { ...ENVIRONMENT, CI: "true", XDG_CACHE_HOME: cache }
  for (const name of ["npm_config_cache", "npm_config_store_dir", "YARN_GLOBAL_FOLDER"])
    env[name] = path.join(cache, name)
  const started = performance.now()
  const failed = commands.find((command) => run("sh", ["-c", command], { cwd: copy, env }).status !== 0)
  if (failed !== undefined) console.log(`    ${repository}: \`${failed}\` fails in a shell here`)
  return failed === undefined ? Math.round((performance.now() - started) / 1000) : null
}

/**
 * What falls short in one expected stage, or null: `{ verdict, tests, why }`, or a verdict alone; several with `|`. `why` is what
 * the summary of one that did not pass must say.
 */
function shortcoming(name, expected, stages) {
  const { verdict, tests, why } = typeof expected === "string" ? { verdict: expected } : expected
  const stage = stages.find((one) => one.name === name)
  if (stage === undefined) return `${name} is missing`
  const told = `${name} is ${stage.verdict}: ${stage.summary}`
  if (!verdict.split("|").includes(stage.verdict)) return told
  if (stage.verdict !== "passed" && !new RegExp(why ?? ".", "i").test(stage.summary)) return told
  if (stage.verdict === "passed" && tests !== undefined && stage.tests.length !== tests)
    return `${name} counts ${stage.tests.length} tests of ${tests}`
  return null
}

/** Compares a run with what is expected: stages that are right, and what is not. A red stage that nobody expects is wrong. */
function compare(expected, { record, code, text }) {
  const names = Object.keys(expected)
  if (record === null)
    return { right: 0, all: names.length, wrong: [`exit code ${code}: ${text.trim().split("\n").at(-1)}`] }
  const short = names.flatMap((name) => shortcoming(name, expected[name], record.stages) ?? [])
  const red = record.stages
    .filter(({ name, verdict }) => (verdict === "failed" || verdict === "errored") && !names.includes(name))
    .map(({ name, verdict, summary }) => `${name} is ${verdict}: ${summary}`)
  return { right: names.length - short.length, all: names.length + red.length, wrong: [...short, ...red] }
}

const cell = (text) => text.replaceAll("|", "\\|").replaceAll(/\s+/g, " ").slice(0, 160)

function rowOf({ repository, commit }, { right, all, wrong }, seconds) {
  const said = wrong.length === 0 ? "" : wrong.map(cell).join("; ")
  return `| ${repository} | \`${commit.slice(0, 7)}\` | ${right} of ${all} | ${seconds.join(", ")} | ${said} |`
}

/** Replaces the row of a repository, or adds it. */
function writeRow(row) {
  const [title, line, ...old] = linesOf("repositories")
  const known = new Map(old.map((row) => [row.split("|")[1].trim(), row]))
  known.set(row.split("|")[1].trim(), row)
  write("repositories", [title, line, ...known.values()])
}

const repositories = JSON.parse(fs.readFileSync(path.join(import.meta.dirname, "repositories.json"), "utf8"))
let [right, all] = [0, 0]
for (const one of repositories.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "slipway-repository-"))
  try {
    checkOut(one, path.join(folder, one.name))
    const runs = [check(path.join(folder, one.name))]
    if (options.again) runs.push(check(path.join(folder, one.name)))
    const result = compare(one.stages, runs[0])
    const shell = options.times && one.commands ? inShell(one, path.join(folder, one.name)) : null
    const seconds = options.times ? runs.map((run) => run.seconds) : ["not measured"]
    if (shell !== null) seconds.push(`${shell} in a shell`)
    if (options.write) writeRow(rowOf(one, result, seconds))
    right += result.right
    all += result.all
    console.log(
      `${result.wrong.length === 0 ? "✓" : "✗"} ${one.name}: ${result.right} of ${result.all}, ${seconds.join(", ")}`,
    )
    for (const wrong of result.wrong) console.log(`    ${wrong}`)
  } finally {
    fs.rmSync(folder, { recursive: true, force: true })
  }
}
console.log(`${right} of ${all} stages right`)
process.exitCode = right === all ? 0 : 1
