// How each test runner is made to write a JUnit report and line coverage, and to run once.
const fs = require("node:fs")
const path = require("node:path")
const { createRequire } = require("node:module")
const { pathToFileURL } = require("node:url")

const { again, keepsTap, lacksReport, tee, without } = require("./process.cjs")

const has = (args, pattern) => args.some((arg) => pattern.test(arg))

const setArgs = (args) => {
  process.argv.splice(2, Infinity, ...args)
}

/** Whether a package can be loaded from the folder of the tests. */
const installed = (name) => {
  try {
    createRequire(path.join(process.cwd(), "package.json")).resolve(name)
    return true
  } catch {
    return false
  }
}

const METRICS = ["lines", "functions", "branches", "statements"]

/** Turns a runner's own gates off: they hold only where the script itself collects coverage. */
const ungated = (args, more) => (has(args, /^--coverage\b/) ? [] : more)

/** Vitest 1 transforms modules for browser environments, and refuses those outside of the project, but for packages. */
function asPackage(file, folder) {
  const entry = path.join(folder, "node_modules/slipway/coverage.mjs")
  fs.mkdirSync(path.dirname(entry), { recursive: true })
  fs.writeFileSync(entry, `export { default } from ${JSON.stringify(pathToFileURL(file))}\n`)
  return entry
}

function vitestCoverage(args, folder, hook) {
  const collect = [
    "--coverage.enabled",
    "--coverage.reportOnFailure",
    `--coverage.reportsDirectory=${folder}/coverage`,
  ]
  const provider = ["v8", "istanbul"].find((one) => installed(`@vitest/coverage-${one}`))
  if (provider === undefined) {
    const entry = asPackage(`${hook}/vitest-coverage.mjs`, folder)
    return [...collect, "--coverage.provider=custom", `--coverage.customProviderModule=${entry}`]
  }
  return [
    ...collect,
    `--coverage.provider=${provider}`,
    "--coverage.reporter=lcovonly",
    ...ungated(
      args,
      METRICS.map((metric) => `--coverage.thresholds.${metric}=0`),
    ),
  ]
}

/** Commands of vitest that run tests; its others are left alone. */
const VITEST_RUNS = ["run", "watch", "dev", "related"]
const VITEST_OTHERS = ["bench", "list", "init", "typecheck"]

exports.vitest = ({ settings, folder, hook }) => {
  const given = process.argv.slice(2)
  if (given.some((arg) => VITEST_OTHERS.includes(arg))) return
  const command = given.find((arg) => VITEST_RUNS.includes(arg))
  const rest = without(
    given.filter((arg) => arg !== command),
    {
      flags: ["--watch", "-w", "--ui", "--open", "--standalone"],
      values: ["--outputFile"],
      optional: ["--changed"],
    },
  )
  const once = command === "related" ? ["related", "--run"] : ["run"]
  if (settings.list) return setArgs(["list", ...rest, "--filesOnly", `--json=${settings.list}`])
  lacksReport(folder)
  setArgs([
    ...once,
    ...rest,
    ...(has(rest, /^--reporter\b/) ? [] : ["--reporter=default"]),
    "--reporter=junit",
    `--outputFile.junit=${folder}/junit.xml`,
    ...(settings.coverage ? vitestCoverage(rest, folder, hook) : []),
    ...(settings.shard ? [`--shard=${settings.shard}`] : []),
    ...(settings.files.length > 0 ? [...settings.files, "--passWithNoTests"] : []),
  ])
}

/** Options of jest that watch, or leave tests out that no recent change concerns. */
const JEST_LESS = {
  flags: [
    ...["--watch", "--watchAll", "-o", "--onlyChanged", "--changedFilesWithAncestor"],
    ...["-f", "--onlyFailures", "--lastCommit"],
  ],
  values: ["--changedSince"],
}

exports.jest = ({ settings, folder, hook }) => {
  const given = without(process.argv.slice(2), JEST_LESS)
  if (settings.list) {
    tee(settings.list)
    return setArgs(["--listTests", ...given])
  }
  if (has(given, /^--(?:listTests|showConfig|clearCache|version|help|init)\b/)) return
  lacksReport(folder)
  const coverage = [
    "--coverage",
    "--coverageReporters=lcovonly",
    `--coverageDirectory=${folder}/coverage`,
    ...ungated(given, ["--coverageThreshold={}"]),
  ]
  setArgs([
    ...(settings.files.length > 0 ? ["--runTestsByPath", ...settings.files, "--passWithNoTests"] : []),
    ...(has(given, /^--reporters\b/) ? [] : ["--reporters=default"]),
    `--reporters=${hook}/jest-reporter.cjs`,
    ...(settings.coverage ? coverage : []),
    ...(settings.shard ? [`--shard=${settings.shard}`] : []),
    // Not an option with values: it would take the script's own arguments as further ones.
    "--ci",
    ...given,
  ])
}

exports.mocha = ({ settings, folder, hook }) => {
  const args = without(process.argv.slice(2), {
    flags: ["--watch", "-w"],
    values: ["--reporter", "-R", "--watch-files"],
  })
  lacksReport(folder)
  again({ settings, folder, args: [process.argv[1], `--reporter=${hook}/mocha-reporter.cjs`, ...args] })
}

/** Reporters and destinations must be equally many. */
function nodeReporters(given, folder, hook) {
  const own = ["--test-reporter=", "--test-reporter-destination="].map(
    (name) => given.filter((arg) => arg.startsWith(name) || arg === name.slice(0, -1)).length,
  )
  const ours = [
    `--test-reporter=${hook}/node-reporter.cjs`,
    `--test-reporter-destination=${folder}/junit.xml`,
  ]
  if (own[0] === 0) return ["--test-reporter=spec", "--test-reporter-destination=stdout", ...ours]
  return own[1] < own[0] ? ["--test-reporter-destination=stdout", ...ours] : ours
}

exports.nodeTest = ({ settings, folder, hook }) => {
  if (!process.allowedNodeEnvironmentFlags.has("--test-reporter")) return
  const own = process.execArgv.filter((arg) => !arg.startsWith("--watch"))
  const named = [...(process.env.NODE_OPTIONS ?? "").split(/\s+/), ...own]
  const shard = settings.shard && own.includes("--test") ? [`--test-shard=${settings.shard}`] : []
  again({
    settings,
    folder,
    execArgv: [...own, ...nodeReporters(named, folder, hook), ...shard],
    args: process.argv.slice(1),
    env: own.includes("--test") ? {} : { SLIPWAY_NODE_RUN: `${folder}-run` },
  })
}

exports.borp = ({ settings, folder, hook }) => {
  const args = without(process.argv.slice(2), { flags: ["--watch", "-w"] })
  lacksReport(folder)
  const own = has(args, /^(?:--coverage|-C)$/)
  again({
    settings: { ...settings, coverage: settings.coverage && !own },
    folder,
    args: [
      process.argv[1],
      ...args,
      ...(has(args, /^(?:--reporter|-r)/) ? [] : ["--reporter=spec"]),
      `--reporter=${hook}/node-reporter.cjs:${folder}/junit.xml`,
    ],
  })
}

exports.ava = ({ settings, folder }) => {
  const args = without(process.argv.slice(2), { flags: ["--watch", "-w", "--tap", "-t"] })
  again({ settings, folder, args: [process.argv[1], "--tap", ...args], env: keepsTap(folder) })
}

exports.tap = ({ folder }) => {
  const given = without(process.argv.slice(2), { flags: ["--watch", "-w"] })
  if (given[0] && !given[0].startsWith("-") && !fs.existsSync(given[0]) && given[0] !== "run") return
  setArgs([
    ...(given[0] === "run" ? ["run"] : []),
    `--output-file=${folder}/output.tap`,
    ...given.filter((arg, i) => i > 0 || arg !== "run"),
  ])
}

exports.printsTap = ({ settings, folder }) => {
  again({ settings, folder, args: process.argv.slice(1), execArgv: process.execArgv, env: keepsTap(folder) })
}

/** Its tests are counted by what it prints. */
exports.covered = ({ settings, folder }) => {
  if (settings.coverage) again({ settings, folder, args: process.argv.slice(1) })
}

/** Its own process starts the program: that one is looked at, without watching. */
exports.tsx = () => {
  delete process.env.SLIPWAY_RUN
  const args = process.argv.slice(2)
  setArgs(without(args[0] === "watch" ? args.slice(1) : args, { flags: ["--watch"] }))
}

/** Its tests run in a browser, and it writes no report that is known: it only has to end. */
exports.angular = () => {
  const [command, ...args] = process.argv.slice(2)
  if (command !== "test") return
  setArgs([command, ...without(args, { flags: ["--watch", "--no-watch"] }), "--watch=false"])
}

exports.karma = () => {
  const [command, ...args] = process.argv.slice(2)
  if (command !== "start") return
  const flags = ["--single-run", "--no-single-run", "--auto-watch"]
  setArgs([command, ...without(args, { flags }), "--single-run"])
}

exports.playwright = ({ settings, folder }) => {
  const given = process.argv.slice(2)
  if (given[0] !== "test") return
  const args = without(given.slice(1), { flags: ["--ui", "--headed", "--debug"], values: ["--reporter"] })
  process.env.PLAYWRIGHT_JUNIT_OUTPUT_FILE = `${folder}/junit.xml`
  process.env.PLAYWRIGHT_JUNIT_OUTPUT_NAME = `${folder}/junit.xml`
  lacksReport(folder)
  setArgs([
    "test",
    ...args,
    "--reporter=list,junit",
    ...(settings.shard ? [`--shard=${settings.shard}`] : []),
  ])
}
