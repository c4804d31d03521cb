import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { CONFIG_FILE } from "../../ci/src/config/read.js"
import { NOT_TAKEN } from "../../ci/src/init/outcome.js"
import { repository } from "../../engine/host/repository.js"
import { parse, usage } from "../args.js"
import { runClient } from "../client.js"
import { type Explanation, explain } from "../explain.js"
import { CommandFault } from "../fault.js"
import { requireFolder } from "../folder.js"
import { requestOptions } from "../request.js"
import { openSession } from "../session.js"
import type { Command } from "./command.js"

export const init: Command = {
  name: "init",
  group: "Check",
  help: "writes a slipway.yaml from what the repository and its CI already say",
  usage: ["init [FOLDER] [--strict] [--force] [--print]"],
  details: [
    "",
    "FOLDER is the app's folder. Default: the current folder.",
    "--strict  every gate blocks: `policy: strict`; and limits of how long build, tests, deployments may take",
    "--force   replaces a slipway.yaml that exists",
    "--print   prints the file, and writes nothing",
    "",
    "Each key has a comment on where it is from. Steps of .github/workflows and .gitlab-ci.yml that are not taken",
    "over are listed with the reason.",
  ],
  async run(args) {
    const { values, positionals } = parse("init", args, {
      strict: { type: "boolean", default: false },
      force: { type: "boolean", default: false },
      print: { type: "boolean", default: false },
    })
    if (positionals.length > 1) throw usage(`init: more than one folder: ${positionals.join(", ")}`, "init")
    const app = requireFolder("init", positionals[0] ?? ".")
    const file = path.join(app, CONFIG_FILE)
    if (fs.existsSync(file) && !values.force && !values.print) throw existing(file)
    const made = await written(app, values.strict)
    if (typeof made !== "string") {
      process.stderr.write(`${made.text}\n`)
      return made.exitCode
    }
    if (!values.print) fs.writeFileSync(file, made)
    process.stdout.write(values.print ? made : report(made, path.relative(process.cwd(), file)))
    return 0
  },
}

const existing = (file: string): CommandFault =>
  new CommandFault(
    "usage",
    `${file} exists: nothing written`,
    "`--print` shows what init would write; `--force` replaces the file",
  )

/** Has the module write the file, and returns its text; or why it does not. */
async function written(app: string, strict: boolean): Promise<string | Explanation> {
  const session = await openSession()
  const work = fs.mkdtempSync(path.join(os.tmpdir(), "slipway-init-"))
  const [out, log] = [path.join(work, CONFIG_FILE), path.join(work, "log")]
  try {
    const options = requestOptions(app)
    const words = ["init", ...(strict ? ["--strict"] : []), "export", "--path", out]
    const call = ["call", "--progress=plain", "-m", repository(), ...options, ...words]
    const ended = await runClient(session, call, { log, onLine: () => {} })
    return ended.code === 0 ? fs.readFileSync(out, "utf8") : explain(ended)
  } finally {
    fs.rmSync(work, { recursive: true, force: true })
  }
}

/** What is in the file, and the steps that are not. */
function report(text: string, file: string): string {
  const keys = [...text.matchAll(/^([a-z]\w*):/gm)].map(([, key]) => key)
  const [, left = ""] = text.split(NOT_TAKEN)
  const lines = left.split("\n").flatMap((line) => (line.startsWith("#") ? [line.slice(1)] : []))
  return [
    `wrote ${file}: ${keys.length === 0 ? "no key, for all is detected" : keys.join(", ")}`,
    ...(lines.length === 0
      ? []
      : ["not taken over from the CI:", ...lines.map((line) => line.replace(/^ {3}/, "  "))]),
    "",
  ].join("\n")
}
