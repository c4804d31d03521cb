// How each linter is made to write its findings, beside what it prints.
const fs = require("node:fs")
const path = require("node:path")
const { spawnSync } = require("node:child_process")

const has = (args, names) => args.some((arg) => names.includes(arg.split("=")[0]))

/** A formatter that prints and writes. One that the script names keeps its place: another command may read it. */
exports.eslint = ({ hook }) => {
  const args = process.argv.slice(2)
  if (
    has(args, [
      "-f",
      "--format",
      "-o",
      "--output-file",
      "--print-config",
      "--init",
      "--help",
      "-h",
      "--version",
      "-v",
    ])
  )
    return
  process.argv.splice(2, 0, `--format=${hook}/eslint-formatter.cjs`)
}

/** Runs the tool once more with a reporter for machines, where it writes nothing else. */
const twice = ({ folder, name, more, writes, unless }) => {
  const args = process.argv.slice(1)
  if (has(args, writes) || unless(args)) return
  const file = fs.openSync(path.join(folder, name), "w")
  spawnSync(process.execPath, [...process.execArgv, ...args, ...more], { stdio: ["ignore", file, "ignore"] })
  fs.closeSync(file)
}

const BIOME_CHECKS = ["lint", "check", "ci", "format"]

exports.biome = ({ folder }) =>
  twice({
    folder,
    name: "annotations.txt",
    more: ["--reporter=github", "--max-diagnostics=1000", "--colors=off"],
    writes: [
      "--write",
      "--fix",
      "--apply",
      "--apply-unsafe",
      "--unsafe",
      "--reporter",
      "--max-diagnostics",
      "--colors",
    ],
    unless: (args) => !BIOME_CHECKS.includes(args[1]),
  })

exports.oxlint = ({ folder }) =>
  twice({
    folder,
    name: "annotations.txt",
    more: ["--format=github"],
    writes: ["--fix", "--fix-suggestions", "--fix-dangerously", "--format", "-f"],
    unless: () => false,
  })
