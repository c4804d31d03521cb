import type { Need } from "../../ci/src/needs/need.js"
import { HostFault } from "../../engine/host/fault.js"
import { parse, usage } from "../args.js"
import { CommandFault, FAULT_CODES } from "../fault.js"
import { requireFolder } from "../folder.js"
import { type Answer, askForAll, type Mirror } from "../mirror/ask.js"
import { counted, lines, writeLists } from "../mirror/text.js"
import type { Command } from "./command.js"
import { callFunction } from "./functions.js"

export const mirror: Command = {
  name: "mirror",
  group: "Check",
  help: "names what a check gets from outside, and what of it a site's mirrors lack",
  usage: ["mirror [FOLDER] [--list] [--json] [--write DIR] [--mirror ADDRESS]"],
  details: [
    "",
    "Images, registries, the packages of package-lock.json, and databases: of this app, with its slipway.yaml.",
    "Each is asked for where the check would get it.",
    "",
    "--list            asks for nothing, and names all",
    "--json            prints JSON",
    "--write DIR       writes what is missing, one file for each kind; with --list all",
    "--mirror ADDRESS  the mirror of Docker Hub: `https://host`. Default: SLIPWAY_MIRROR. SLIPWAY_MIRROR_LOGIN is its",
    "                  login, as user:password",
    "",
    `Exit code: ${FAULT_CODES["mirror-incomplete"].code} when something is missing or unreachable.`,
  ],
  async run(args) {
    const { values, positionals } = parse("mirror", args, {
      list: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      write: { type: "string" },
      mirror: { type: "string" },
    })
    if (positionals.length > 1)
      throw usage(`mirror: more than one folder: ${positionals.join(", ")}`, "mirror")
    const site = mirrorOf(values.mirror ?? process.env.SLIPWAY_MIRROR)
    const needs = await needsOf(requireFolder("mirror", positionals[0] ?? "."))
    const answers = values.list ? null : await askForAll(needs, site)
    const lacking = answers?.filter(({ state }) => state !== "there") ?? null
    if (values.write !== undefined)
      writeLists(values.write, lacking ?? needs.map((need) => ({ need, at: need.from })))
    const shown = lacking ?? needs.map((need) => ({ need }))
    const text = values.json
      ? JSON.stringify(answers ?? needs, null, 2)
      : [counted(needs), ...lines(shown)].join("\n")
    process.stdout.write(`${text}\n`)
    if (lacking !== null && lacking.length > 0) throw incomplete(lacking)
    return 0
  },
}

/** @throws CommandFault `usage` for what is no address. */
function mirrorOf(text: string | undefined): Mirror | null {
  if (!text) return null
  const address = /^https?:\/\//.test(text) ? text.replace(/\/+$/, "") : `https://${text}`
  if (!URL.canParse(address)) throw usage(`mirror: not an address: ${text}`, "mirror")
  return { address, login: process.env.SLIPWAY_MIRROR_LOGIN || null }
}

/** Asks the module, which knows the plan. @throws CommandFault where it does not tell. */
async function needsOf(app: string): Promise<readonly Need[]> {
  const chunks: Buffer[] = []
  const code = await callFunction(["needs", app], (chunk) => chunks.push(chunk))
  if (code === 0) return JSON.parse(Buffer.concat(chunks).toString())
  throw new HostFault("engine-failed", "the plan of the app is not known", "mend what the lines above say")
}

function incomplete(lacking: readonly Answer[]): CommandFault {
  const count = (state: Answer["state"]) => lacking.filter((answer) => answer.state === state).length
  return new CommandFault(
    "mirror-incomplete",
    `${count("missing")} missing, ${count("unreachable")} unreachable`,
    "write them to files with `--write DIR`, and fetch them on a machine with internet: docs/configuration.md",
  )
}
