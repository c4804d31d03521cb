import { execFileSync } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import { HostFault } from "./fault.js"
import { git } from "./request.js"

/**
 * Writes the app as it was at a commit into a folder.
 *
 * @param reference a commit, branch or tag. What is compared with is where the current commit left it.
 * @returns the commit's hash.
 */
export function checkOut(app: string, reference: string, folder: string): string {
  const fault = (what: string, fix: string) => new HostFault("usage", `--base ${reference}: ${what}`, fix)
  const top = git(app, "rev-parse", "--show-toplevel")
  if (top === null) throw fault(`${app} is in no git repository`, "leave --base out")
  const commit = reference.startsWith("-")
    ? null
    : (git(app, "merge-base", reference, "HEAD") ??
      git(app, "rev-parse", "--verify", `${reference}^{commit}`))
  if (commit === null)
    throw fault(
      "there is no such commit here",
      "name a commit, branch or tag; in a shallow clone, fetch it first (git fetch --unshallow)",
    )
  const inside = path.relative(fs.realpathSync(top), fs.realpathSync(app))
  const archive = `${folder}.tar`
  try {
    // With the modes that a checkout has: what was run on the same files before is then remembered.
    const args = ["-C", top, "-c", "tar.umask=user", "archive", "--output", archive, `${commit}:${inside}`]
    execFileSync("git", args, { stdio: ["ignore", "ignore", "pipe"] })
    execFileSync("tar", ["-xf", archive, "-C", folder])
    return commit
  } catch {
    throw fault(
      `the app's folder is not in ${commit.slice(0, 12)}`,
      "name a later commit, or leave --base out",
    )
  } finally {
    fs.rmSync(archive, { force: true })
  }
}
