import * as fs from "node:fs"
import * as path from "node:path"
import { MOST } from "../../ci/src/shards/plan.js"
import { type Files, SLIPWAY } from "../../ci/src/vendors/wrappers/wrapper.js"
import { releasedBranch } from "../../engine/host/git.js"
import { parse, usage } from "../args.js"
import { CommandFault, FAULT_CODES } from "../fault.js"
import { requireFolder } from "../folder.js"
import { differences } from "../wrappers/compare.js"
import {
  commandOf,
  NAMES,
  ONE_OF,
  type Options,
  optionsOf,
  pinOf,
  render,
  vendorOf,
  writtenPin,
} from "../wrappers/work.js"
import type { Command } from "./command.js"

export const wrappers: Command = {
  name: "wrappers",
  group: "Check",
  help: "writes the files with which a CI vendor runs Slipway, or compares them",
  usage: [
    "wrappers [FOLDER] --vendor NAME [--deploy] [--shards N] [--branch NAME] [--source ADDRESS] [--force]",
    "wrappers [FOLDER] --check",
  ],
  details: [
    "",
    `--vendor NAME    ${NAMES.join(", ")}`,
    "--deploy         also deploys to the environments of slipway.yaml, in their order, with the vendor's approvals",
    "                 and identity, and watches them each night for drift and new vulnerabilities",
    "--shards N       N machines share the check, and a job joins them; not on codebuild",
    "--branch NAME    the branch that is released. Default: that of origin, else main",
    "--source ADDRESS the git address that CI gets Slipway from. Default: that of this clone",
    "--force          overwrites files that Slipway did not write",
    "--check          writes nothing: names each written file that would be written differently today, and where",
    "",
    "The files are thin: they run `.ci/slipway`, which is written too, and all else is in Slipway.",
    `Exit code of --check: ${FAULT_CODES["wrapper-outdated"].code} when a file differs or is missing.`,
  ],
  async run(args) {
    const { values, positionals } = parse("wrappers", args, {
      vendor: { type: "string", multiple: true, default: [] },
      deploy: { type: "boolean", default: false },
      shards: { type: "string", default: "1" },
      branch: { type: "string" },
      source: { type: "string" },
      force: { type: "boolean", default: false },
      check: { type: "boolean", default: false },
    })
    if (positionals.length > 1)
      throw usage(`wrappers: more than one folder: ${positionals.join(", ")}`, "wrappers")
    const app = requireFolder("wrappers", positionals[0] ?? ".")
    if (values.check) return compare(app)
    const branch = values.branch ?? releasedBranch(app)
    const vendor = oneVendor(values.vendor)
    const options = { vendor, deploy: values.deploy, branch, shards: shardsOf(vendor, values.shards) }
    return write(app, render(app, options, pinOf(app, values.source)), values.force)
  },
}

/** The one vendor that is named. */
function oneVendor(names: readonly string[]): string {
  const [name, ...others] = names.flatMap((word) => word.split(","))
  if (name === undefined)
    throw new CommandFault("unknown-vendor", "no CI vendor named", `--vendor: ${ONE_OF}`)
  if (others.length > 0)
    throw new CommandFault(
      "several-vendors",
      `several CI vendors named: ${[name, ...others].join(", ")}`,
      "run it once for each",
    )
  return vendorOf(name).name
}

/** Reads the number of machines that share the check. */
function shardsOf(vendor: string, text: string): number {
  const shards = /^[1-9]\d?$/.test(text) ? Number(text) : 0
  if (shards < 1 || shards > MOST)
    throw usage(`wrappers: --shards takes a number from 1 to ${MOST}, not ${text}`, "wrappers")
  if (shards === 1 || vendorOf(vendor).shards) return shards
  throw usage(`wrappers: --shards is not possible on ${vendor}: docs/scale.md says why`, "wrappers")
}

const read = (app: string, file: string): string | null => {
  const full = path.join(app, file)
  return fs.existsSync(full) ? fs.readFileSync(full, "utf8") : null
}

function write(app: string, files: Files, force: boolean): number {
  const foreign = Object.keys(files).filter((file) => {
    const text = read(app, file)
    return text !== null && optionsOf(text) === null
  })
  if (foreign.length > 0 && !force)
    throw new CommandFault(
      "wrapper-foreign",
      `not written by Slipway: ${foreign.join(", ")}`,
      "move it away, or pass --force",
    )
  for (const [file, text] of Object.entries(files)) {
    const full = path.join(app, file)
    fs.mkdirSync(path.dirname(full), { recursive: true })
    fs.writeFileSync(full, text)
    fs.chmodSync(full, text.startsWith("#!") ? 0o755 : 0o644)
    process.stdout.write(`${file}\n`)
  }
  return 0
}

/** Compares the files of every vendor that has some here. */
function compare(app: string): number {
  const written = writtenOptions(app)
  if (written.length === 0)
    throw new CommandFault(
      "wrapper-outdated",
      `no wrapper in ${app}`,
      "write one: `slipway wrappers --vendor NAME`",
    )
  const pin = writtenPin(read(app, SLIPWAY) ?? "")
  const vendors = written.map(({ vendor }) => vendor)
  const found = written.flatMap((options) => {
    // All vendors share the scripts: these are compared with the vendor that wrote them last, as their mark says.
    const others = vendors.filter((vendor) => vendor !== options.vendor)
    const isOthers = (file: string) => others.includes(optionsOf(read(app, file) ?? "")?.vendor ?? "")
    const files = Object.entries(render(app, options, pin)).filter(([file]) => !isOthers(file))
    return differences(Object.fromEntries(files), (file) => read(app, file))
  })
  for (const { file, what } of found) process.stdout.write(`${file}: ${what}\n`)
  if (found.length === 0) {
    process.stdout.write(`up to date: ${vendors.join(", ")}\n`)
    return 0
  }
  const usual = releasedBranch(app)
  const again = written
    .map((options) => commandOf({ ...options, branch: options.branch === usual ? null : options.branch }))
    .map((line) => `\`${line}\``)
  throw new CommandFault(
    "wrapper-outdated",
    "the CI wrapper is out of date",
    `write it again: ${again.join(", ")}`,
  )
}

/** Returns the options of each vendor's wrapper in a folder. Any file may be missing or changed: the first mark counts. */
function writtenOptions(app: string): readonly Options[] {
  return NAMES.flatMap((vendor) => {
    const paths = Object.keys(render(app, { vendor, deploy: false, branch: "main" }, "checkout"))
    const marks = paths.filter((file) => file !== SLIPWAY).map((file) => optionsOf(read(app, file) ?? ""))
    return marks.find((options) => options?.vendor === vendor) ?? []
  })
}
