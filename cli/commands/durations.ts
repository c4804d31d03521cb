import * as fs from "node:fs"
import { plural } from "../../ci/src/formats/figures.js"
import { Fault } from "../../ci/src/run/fault.js"
import { readRecord } from "../../ci/src/run/record.js"
import type { RunRecord } from "../../ci/src/run/result.js"
import { DURATIONS_FILE, durationsOf, durationsText } from "../../ci/src/shards/durations.js"
import { parse, usage } from "../args.js"
import { CommandFault } from "../fault.js"
import { requireFolder } from "../folder.js"
import { evidenceFiles } from "../metrics/folder.js"
import type { Command } from "./command.js"

export const durations: Command = {
  name: "durations",
  group: "Check",
  help: "prints how long stages and test files took in past runs, for shards of equal size",
  usage: [`durations FOLDER > ${DURATIONS_FILE}`],
  details: [
    "",
    "FOLDER holds the evidence of past runs: each result.json below it counts, by the median. What was red does not.",
    "Commit the file: every machine then plans the same shards.",
  ],
  async run(args) {
    const { positionals } = parse("durations", args, {})
    const [folder, ...others] = positionals
    if (folder === undefined || others.length > 0)
      throw usage(
        folder === undefined ? "durations: no FOLDER named" : "durations: more than one folder",
        "durations",
      )
    const files = evidenceFiles(requireFolder("durations", folder)).filter(isResult)
    const read = files.map(recordIn)
    const records = read.flatMap((record) => record ?? [])
    if (records.length === 0)
      throw new CommandFault(
        "no-evidence",
        `no result.json that can be read in ${folder}`,
        "name a folder with the evidence of past runs, such as .slipway",
      )
    const unread = read.length - records.length
    if (unread > 0)
      process.stderr.write(`${plural(unread, "file")} not read: cut off, or of a newer Slipway\n`)
    process.stdout.write(durationsText(durationsOf(records)))
    return 0
  },
}

const isResult = (file: string): boolean => /(?:^|[/\\])result\.json$/.test(file)

/** Returns the record in a file; null where it cannot be read. */
function recordIn(file: string): RunRecord | null {
  try {
    return readRecord(fs.readFileSync(file, "utf8"), file)
  } catch (error) {
    if (error instanceof Fault) return null
    throw error
  }
}
