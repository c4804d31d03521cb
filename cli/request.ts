import { execFileSync } from "node:child_process"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { NO_CONTEXT, type RunContext } from "../ci/src/run/context.js"
import { contextOf } from "../ci/src/vendors/vendors.js"

/** Returns the trimmed output of a git command in a folder; null when it fails or prints nothing. */
export function git(folder: string, ...args: readonly string[]): string | null {
  try {
    const output = execFileSync("git", ["-C", folder, ...args], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
      timeout: 30_000,
    })
    return output.trim() || null
  } catch {
    return null
  }
}

const textOf = (file: string): string | undefined => {
  try {
    return fs.readFileSync(file, "utf8")
  } catch {
    return undefined
  }
}

/** Names under which clones have the default branch of where they are from. */
const DEFAULT_BRANCHES = ["origin/HEAD", "origin/main", "origin/master"]

/** Returns the default branch of `origin`, which a change on this machine is compared with; null without a remote. */
const defaultBranch = (folder: string): string | null =>
  DEFAULT_BRANCHES.find((name) => git(folder, "rev-parse", "--verify", "--quiet", name) !== null) ?? null

/** Reads the run context from the CI vendor's variables, else from git and the operating system. */
export function runContext(folder: string, env = process.env): RunContext {
  const commit = git(folder, "rev-parse", "--verify", "HEAD")
  return (
    contextOf(env, { commit, read: textOf }) ?? {
      ...NO_CONTEXT,
      commit,
      branch: git(folder, "symbolic-ref", "--short", "HEAD"),
      base: defaultBranch(folder),
      actor: git(folder, "config", "user.email") ?? os.userInfo().username,
    }
  )
}

/** Returns what a person should know of how the run context was read. */
export function contextNotes(folder: string): readonly string[] {
  const { vendor, also = [] } = runContext(folder)
  if (also.length === 0) return []
  return [`run context: ${vendor}. Variables of ${also.join(", ")} are set too: its machine runs the agent`]
}

/** Returns the options for an app's folder in every call of the module: files, git history, run context. */
export function requestOptions(folder: string): readonly string[] {
  const history = git(folder, "rev-parse", "--show-toplevel") ?? path.resolve(folder)
  return ["--source", folder, "--history", history, "--run", JSON.stringify(runContext(folder))]
}
