import * as fs from "node:fs"
import * as path from "node:path"
import { git, gitBytes } from "../engine/host/git.js"
import { CommandFault } from "./fault.js"

/**
 * Writes the app as of a commit into a folder.
 *
 * @param reference a commit, branch or tag. The commit is where the current one branched off from it.
 * @returns the commit's hash.
 * @throws CommandFault `usage` where git has no such commit, or the commit no such folder.
 */
export function checkOut(app: string, reference: string, folder: string): string {
  const fault = (what: string, fix: string) => new CommandFault("usage", `--base ${reference}: ${what}`, fix)
  const top = git(app, "rev-parse", "--show-toplevel")
  if (top === null) throw fault(`${app} is not in a git repository`, "omit --base")
  const commit = reference.startsWith("-")
    ? null
    : (git(app, "merge-base", reference, "HEAD") ??
      // A checkout in CI has the branches of its remote alone.
      git(app, "merge-base", `origin/${reference}`, "HEAD") ??
      git(app, "rev-parse", "--verify", `${reference}^{commit}`))
  if (commit === null)
    throw fault(
      "commit not found",
      "name a commit, branch or tag. In a shallow clone, run `git fetch --unshallow` first",
    )
  const inside = path.relative(fs.realpathSync(top), fs.realpathSync(app))
  // An index of its own: `git archive` leaves out what .gitattributes keeps from releases.
  const index = { GIT_INDEX_FILE: `${folder}.index` }
  try {
    if (gitBytes(top, ["read-tree", `${commit}:${inside}`], index) === null)
      throw fault(`the app's folder is not in ${commit.slice(0, 12)}`, "name a later commit, or omit --base")
    if (gitBytes(top, ["checkout-index", "--all", `--prefix=${folder}/`], index) === null)
      throw fault(`cannot write its files to ${folder}`, "free some space, or set TMPDIR to another folder")
    return commit
  } finally {
    fs.rmSync(index.GIT_INDEX_FILE, { force: true })
  }
}
