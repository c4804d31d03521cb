import { VERSION } from "../../ci/src/run/version.js"
import { ownCommit } from "../../engine/host/repository.js"
import type { Command } from "./command.js"

export const version: Command = {
  name: "version",
  group: "This machine",
  help: "prints the version of Slipway, and its commit",
  usage: ["version", "--version"],
  async run() {
    const commit = ownCommit()
    const build = commit === null ? "" : ` (${commit.slice(0, 12)})`
    process.stdout.write(`slipway ${VERSION}${build}\n`)
    return 0
  },
}
