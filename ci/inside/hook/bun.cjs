// Starts `bun test` so that it writes a JUnit report and line coverage, and runs once.
const fs = require("node:fs")
const path = require("node:path")
const { spawnSync } = require("node:child_process")

const { lacksReport, without } = require("./process.cjs")

/** A threshold in bunfig.toml holds only where the project collects coverage itself. */
const gated = () =>
  fs.existsSync("bunfig.toml") && /coverageThreshold/.test(fs.readFileSync("bunfig.toml", "utf8"))

exports.bunArgs = ({ settings, folder, args }) => {
  const rest = without(args.slice(1), {
    flags: ["--watch", "--hot"],
    values: ["--reporter", "--reporter-outfile", "--coverage-reporter", "--coverage-dir"],
  })
  const coverage = [
    "--coverage",
    "--coverage-reporter=text",
    "--coverage-reporter=lcov",
    `--coverage-dir=${folder}/coverage`,
  ]
  return [
    "test",
    "--reporter=junit",
    `--reporter-outfile=${folder}/junit.xml`,
    ...(settings.coverage && (!gated() || rest.includes("--coverage")) ? coverage : []),
    ...rest.filter((arg) => !settings.coverage || arg !== "--coverage"),
    ...settings.files,
  ]
}

/** Leaves coverage without a line where the tests loaded none of the project's files: Bun writes none then. */
function lacksLines(folder) {
  const report = path.join(folder, "lcov.info")
  if (fs.existsSync(report)) return
  fs.mkdirSync(folder, { recursive: true })
  fs.writeFileSync(report, "TN:\n")
}

if (require.main === module) {
  const settings = JSON.parse(fs.readFileSync(path.join(__dirname, "settings.json"), "utf8"))
  const folder = path.join(settings.folder, `${process.pid}-${process.hrtime.bigint()}`)
  fs.mkdirSync(folder, { recursive: true })
  fs.writeFileSync(path.join(folder, "cwd"), process.cwd())
  lacksReport(folder)
  const args = exports.bunArgs({ settings, folder, args: process.argv.slice(2) })
  const { status, signal } = spawnSync(path.join(__dirname, "bun"), args, {
    stdio: "inherit",
    env: { ...process.env, SLIPWAY_RUN: folder },
  })
  if (status === 0 && args.includes("--coverage")) lacksLines(path.join(folder, "coverage"))
  if (signal) process.kill(process.pid, signal)
  process.exit(status ?? 1)
}
