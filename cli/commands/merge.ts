import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { GENERATED } from "../../ci/src/project/ignore.js"
import { parse, split, usage } from "../args.js"
import { runCheck } from "../check.js"
import { CommandFault } from "../fault.js"
import { requireFolder } from "../folder.js"
import { folderFiles, gitFiles } from "../sources/files.js"
import type { Command } from "./command.js"

export const merge: Command = {
  name: "merge",
  group: "Check",
  help: "joins the evidence of all shards of a check into one verdict and one report",
  usage: ["merge DIR… [--app FOLDER] [--base COMMIT] [-- OPTIONS]"],
  details: [
    "",
    "DIR holds the evidence of shards (`.slipway` of `slipway ci --shard`), at any depth. Put it below .slipway/shards",
    "or outside of the app: untracked files in the app would make it another one than the shards checked.",
    "--app FOLDER   the app, at the commit that was checked. Default: the current folder",
    "--base COMMIT  compares coverage with that commit, as the shards did. Default for a pull request in CI: its base",
    "OPTIONS are options of the module: `slipway help options`.",
    "",
    "Coverage, limits and unused waivers are judged here, by all tests. Nothing else runs again.",
    "Exit code: that of the whole check; 71 a shard is missing, 72 double, 73 of another check, 74 damaged.",
  ],
  async run(args) {
    const [own, rest] = split(args)
    const { values, positionals } = parse("merge", own, {
      app: { type: "string", default: "." },
      base: { type: "string" },
    })
    if (positionals.length === 0) throw usage("merge: no DIR named", "merge")
    const app = requireFolder("merge", values.app)
    // Of a folder that is missing, all shards are.
    const found = positionals.filter((folder) => fs.existsSync(folder)).flatMap(evidenceIn)
    refuseSources(app, found)
    const joined = fs.mkdtempSync(path.join(os.tmpdir(), "slipway-shards-"))
    try {
      for (const [i, folder] of found.entries()) copyEvidence(folder, path.join(joined, placeOf(folder, i)))
      return await runCheck({
        app,
        store: null,
        base: values.base,
        make: false,
        options: rest,
        share: ["--evidence", joined],
      })
    } finally {
      fs.rmSync(joined, { recursive: true, force: true })
    }
  },
}

/** Returns the folders of evidence at or below a folder, in an order that is the same everywhere. */
function evidenceIn(folder: string): readonly string[] {
  const entries = fs.readdirSync(folder, { withFileTypes: true })
  if (entries.some(({ name }) => name === "result.json")) return [folder]
  return entries
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) => evidenceIn(path.join(folder, name)))
    .sort()
}

/** @throws CommandFault `usage` for evidence among the app's own files: with it, the app is another than the shards checked. */
function refuseSources(app: string, folders: readonly string[]): void {
  const root = fs.realpathSync(app)
  const { files } = gitFiles(root) ?? folderFiles(root, GENERATED)
  const inside = folders.find((folder) => {
    const place = path.relative(root, fs.realpathSync(folder))
    return files.some((file) => file.startsWith(`${place}${path.sep}`))
  })
  if (inside === undefined) return
  throw new CommandFault(
    "usage",
    `${inside} is among the files of the app`,
    "put the evidence of shards below .slipway/shards, or outside of the app",
  )
}

const EVIDENCE = ".slipway"

/** `1-shard-2`: two folders may have the same name. */
function placeOf(folder: string, index: number): string {
  const name = path.basename(folder)
  return `${index + 1}-${name === EVIDENCE ? path.basename(path.dirname(folder)) : name}`
}

/** Files of a folder of evidence that are not of its last run. */
const OTHERS = new Set(["previous", "results", "shards", "dagger.log", ".gitignore"])

const copyEvidence = (from: string, to: string): void =>
  fs.cpSync(from, to, {
    recursive: true,
    filter: (file) => path.dirname(file) !== from || !OTHERS.has(path.basename(file)),
  })
