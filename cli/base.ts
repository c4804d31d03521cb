import { execFileSync } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import { HostFault } from "./fault.js"
import { git } from "./request.js"

/**
 * Writes the app as of a commit into a folder.
 *
 * @param reference a commit, branch or tag. The commit is where the current one branched off from it.
 * @returns the commit's hash.
 * @throws HostFault `usage` where git has no such commit, or the commit no such folder.
 */
export function checkOut(app: string, reference: string, folder: string): string {
  const fault = (what: string, fix: string) => new HostFault("usage", `--base ${reference}: ${what}`, fix)
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
  const archive = `${folder}.tar`
  try {
    // File modes as in a checkout, so that cached results of the same files count.
    const args = ["-C", top, "-c", "tar.umask=user", "archive", "--output", archive, `${commit}:${inside}`]
    execFileSync("git", args, { stdio: ["ignore", "ignore", "pipe"] })
    execFileSync("tar", ["-xf", archive, "-C", folder])
    return commit
  } catch {
    throw fault(`the app's folder is not in ${commit.slice(0, 12)}`, "name a later commit, or omit --base")
  } finally {
    fs.rmSync(archive, { force: true })
  }
}
