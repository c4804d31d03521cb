import { Fault } from "../../ci/src/run/fault.js"
import { parse } from "../args.js"
import { runContext } from "../request.js"
import type { Command } from "./command.js"

export const approvals: Command = {
  name: "approvals",
  group: "Check",
  help: "prints who approved the checked-out commit, for `--approvals` of deploy",
  usage: ["approvals [NAME]…"],
  details: [
    "",
    "The deployer counts a name only where the vendor's API, or a signature (`slipway approve`), confirms it.",
    "NAME is a person as the CI vendor names them. A wrapper passes on whom the vendor's own approval names.",
  ],
  async run(args) {
    const { positionals } = parse("approvals", args, {})
    const { commit, url } = runContext(".")
    if (commit === null)
      throw new Fault("commit", {
        what: "the commit is unknown",
        where: null,
        fix: "run it in a git repository with a commit",
      })
    const at = new Date().toISOString()
    const list = [...new Set(positionals)].map((by) => ({
      by,
      at,
      commit,
      source: "vendor",
      ...(url ? { url } : {}),
    }))
    process.stdout.write(`${JSON.stringify(list)}\n`)
    return 0
  },
}
