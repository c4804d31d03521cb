import * as fs from "node:fs"
import * as path from "node:path"
import * as z from "zod/mini"
import { plural } from "../../ci/src/formats/figures.js"
import type { RunRecord } from "../../ci/src/run/result.js"
import { parseConfig } from "../../ci/src/settings.js"
import { releasedBranch } from "../../engine/host/git.js"
import { parse, usage } from "../args.js"
import { NOTIFIED, readRecord } from "../evidence.js"
import { CommandFault, FAULT_CODES } from "../fault.js"
import { configText, replaceFile, requireFolder } from "../folder.js"
import { publish } from "../notify/email.js"
import { noticesOf, tell } from "../notify/send.js"
import { NOTHING_TOLD, readState, type State } from "../notify/state.js"
import type { Command } from "./command.js"

/** The environment variable that holds addresses and keys as JSON, by the names that slipway.yaml gives them. */
const ADDRESSES = "NOTIFICATIONS"

export const notify: Command = {
  name: "notify",
  group: "Check",
  help: "tells people of the last run: red, fixed, flaky, a security finding, too slow",
  usage: ["notify [FOLDER] [--branch NAME] [--state FILE] [--dry-run]"],
  details: [
    "",
    "FOLDER is the app's folder. Default: the current folder. `notifications` of its slipway.yaml names the channels.",
    `${ADDRESSES} in the environment holds their addresses and keys as JSON: {"team": "https://hooks…"}.`,
    "--branch NAME  the branch that is released: people are told of no other. Default: that of origin, else main",
    "--state FILE   what people have been told already. Keep it from run to run. Default: .slipway/notified.json",
    "--dry-run      prints what would be told, and tells nobody",
    "",
    "A cause is told once, and again when it comes back; only runs of a CI vendor are told of.",
    `Exit code ${FAULT_CODES["not-notified"].code}: a channel was not reached. It is told after the next run.`,
  ],
  async run(args) {
    const { values, positionals } = parse("notify", args, {
      branch: { type: "string" },
      state: { type: "string" },
      "dry-run": { type: "boolean", default: false },
    })
    if (positionals.length > 1) throw usage("notify: more than one folder", "notify")
    const app = requireFolder("notify", positionals[0] ?? ".")
    const channels = parseConfig(configText(app)).notifications
    const record = recordOf(app)
    const file = values.state ?? path.join(app, ".slipway", NOTIFIED)
    const state = stateOf(file)
    const quiet = whyQuiet(record, channels.length, values.branch ?? releasedBranch(app), state)
    if (quiet !== null) return say(`nobody is told: ${quiet}`)
    if (values["dry-run"]) {
      const { notices } = noticesOf(state, record, channels)
      return say(
        ...notices.map(({ channel, message }) => `${channel.kind}: ${message.headline}\n${message.text}`),
      )
    }
    const told = await tell(state, record, channels, {
      addresses: addresses(),
      endpoints: {},
      publish,
      sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
    })
    write(file, told.state)
    say(...(told.sent.length === 0 && told.failed.length === 0 ? ["nothing new"] : told.sent))
    if (told.failed.length === 0) return 0
    throw new CommandFault(
      "not-notified",
      [`${plural(told.failed.length, "notification")} failed`, ...told.failed].join("\n  "),
      `correct the address in ${ADDRESSES}, or the channel in slipway.yaml`,
    )
  },
}

/** Prints lines. Returns the exit code of success. */
function say(...lines: readonly string[]): number {
  if (lines.length > 0) process.stdout.write(`${lines.join("\n")}\n`)
  return 0
}

function recordOf(app: string): RunRecord {
  const record = readRecord(path.join(app, ".slipway"))
  if (record !== null) return record
  throw new CommandFault("no-evidence", `no result.json in ${app}/.slipway`, "run `slipway ci` first")
}

/** Returns why nobody is told of a run; null where people are. */
function whyQuiet(record: RunRecord, channels: number, released: string, state: State): string | null {
  const { vendor, branch, change } = record.context
  if (channels === 0) return "slipway.yaml has no notifications"
  if (vendor === null) return "no CI vendor runs it"
  if (change !== null) return `it is a change (${change})`
  if (branch !== released) return `it is of ${branch ?? "no branch"}, and ${released} is released`
  return record.startedAt < state.run ? "people know of a newer run" : null
}

function stateOf(file: string): State {
  if (!fs.existsSync(file)) return NOTHING_TOLD
  const state = readState(fs.readFileSync(file, "utf8"))
  if (state === null) process.stderr.write(`${file} cannot be read: people are told again\n`)
  return state ?? NOTHING_TOLD
}

function write(file: string, state: State): void {
  fs.mkdirSync(path.dirname(file), { recursive: true })
  replaceFile(file, `${JSON.stringify(state)}\n`)
}

/** Reads the addresses. @throws CommandFault `usage`; the message shows none of them. */
function addresses(): Readonly<Record<string, string>> {
  const text = process.env[ADDRESSES] ?? ""
  if (text === "") return {}
  try {
    return z.record(z.string(), z.string()).parse(JSON.parse(text))
  } catch {
    throw usage(`notify: ${ADDRESSES} holds no JSON of names and addresses`, "notify")
  }
}
