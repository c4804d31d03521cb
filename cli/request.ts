import { execFileSync } from "node:child_process"
import * as os from "node:os"
import * as path from "node:path"
import { NO_CONTEXT, type RunContext } from "../ci/src/run/context.js"
import { contextOf } from "../ci/src/vendors/vendors.js"

/** The output of a git command in a folder, trimmed; null where it fails or says nothing. */
export function git(folder: string, ...args: readonly string[]): string | null {
  try {
    const said = execFileSync("git", ["-C", folder, ...args], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
      timeout: 30_000,
    })
    return said.trim() || null
  } catch {
    return null
  }
}

/** The run context: the CI vendor's, or what git and the operating system say of a laptop. */
export function runContext(folder: string, env = process.env): RunContext {
  return (
    contextOf(env) ?? {
      ...NO_CONTEXT,
      commit: git(folder, "rev-parse", "--verify", "HEAD"),
      branch: git(folder, "symbolic-ref", "--short", "HEAD"),
      actor: git(folder, "config", "user.email") ?? os.userInfo().username,
    }
  )
}

/** What every call of the module gets for an app's folder: its files, its history, the run context. */
export function requestOptions(folder: string): readonly string[] {
  const history = git(folder, "rev-parse", "--show-toplevel") ?? path.resolve(folder)
  return ["--source", folder, "--history", history, "--run", JSON.stringify(runContext(folder))]
}
