import * as os from "node:os"
import { repository } from "../../engine/host/repository.js"
import { parse, split, usage } from "../args.js"
import { stageLines } from "../check.js"
import { runClient } from "../client.js"
import { explain } from "../explain.js"
import { CommandFault } from "../fault.js"
import { requireFolder } from "../folder.js"
import { live } from "../live.js"
import { passThrough } from "../passthrough.js"
import { requestOptions } from "../request.js"
import { openSession, type Session, withSlowImages } from "../session.js"
import type { Command } from "./command.js"

export const shell: Command = {
  name: "shell",
  group: "Check",
  help: "opens a shell in the container of a stage, as its command left it",
  usage: ["shell STAGE [FOLDER] [-- OPTIONS]"],
  details: [
    "",
    "STAGE is a name that `slipway plan` shows. It runs first; what ran before comes from the cache.",
    "The shell has the stage's files, environment, services and secrets. It says what the stage ran, and",
    "`/slipway/again` runs that again: the services start empty, and so does a migration.",
    "OPTIONS are options of the module: `slipway help options`.",
  ],
  async run(args) {
    const [own, options] = split(args)
    const [stage, folder = ".", ...others] = parse("shell", own, {}).positionals
    if (stage === undefined) throw usage("shell: name a stage; `slipway plan` shows them", "shell")
    if (others.length > 0)
      throw usage(`shell: more than one folder: ${[folder, ...others].join(", ")}`, "shell")
    const app = requireFolder("shell", folder)
    requireTerminal(stage)
    const session = await openSession()
    const words = ["-m", repository(), ...requestOptions(app, options), "shell", "--stage", stage, "terminal"]
    return withSlowImages(session, true, () =>
      session.choice.kind === "embedded" ? open(session, words) : passThrough(session, ["call", ...words]),
    )
  },
}

function requireTerminal(stage: string): void {
  if (process.stdin.isTTY && process.stdout.isTTY) return
  throw new CommandFault(
    "no-terminal",
    "a shell needs a terminal as its input and output",
    `run it on a terminal. Over SSH: \`ssh -t HOST slipway shell ${stage}\``,
  )
}

/** What Dagger prints right before a shell has the terminal, with a description of its container. */
const ATTACHED = "Attaching terminal"

/** Opens a shell on this terminal with the embedded engine's client, and shows how the stages go on until then. */
async function open(session: Session, words: readonly string[]): Promise<number> {
  const view = live(true)
  const onStage = stageLines(view)
  let isOpen = false
  const onLine = (line: string) => {
    if (line.includes(ATTACHED)) {
      isOpen = true
      view.end()
    } else if (!isOpen) onStage(line)
  }
  // No log: Dagger repeats the shell's own output in its progress.
  const options = { log: os.devNull, onLine, onTerminal: true } as const
  const ended = await runClient(session, ["call", "--progress=plain", ...words], options).finally(view.end)
  if (ended.code === 0) return 0
  const { text, exitCode } = explain(ended)
  process.stderr.write(`${text}\n`)
  return exitCode
}
