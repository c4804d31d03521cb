import { VERSION } from "../../ci/src/run/version.js"
import { git } from "../git.js"
import { repository } from "../repository.js"
import type { Command } from "./command.js"

export const version: Command = {
  name: "version",
  group: "This machine",
  help: "prints the version of Slipway, and the commit where it is a clone",
  usage: ["version", "--version"],
  async run() {
    const commit = git(repository(), "rev-parse", "--short=12", "HEAD")
    const build = commit === null ? "" : ` (${commit})`
    process.stdout.write(`slipway ${VERSION}${build}\n`)
    return 0
  },
}
