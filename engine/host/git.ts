import { execFileSync } from "node:child_process"

/** The largest list of files that git may print, in bytes. */
const OUTPUT = 1 << 30

/**
 * Options for every call. A repository of another user is read as well, as a CI job's often is; what its configuration
 * would have git run is turned off.
 */
const SAFE = ["-c", "safe.directory=*", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null"]

/**
 * Returns the output of a git command in a folder as bytes; null when it fails, or where git is not installed.
 *
 * @param input what it reads from standard input.
 */
export function gitBytes(
  folder: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  input = "",
): Buffer | null {
  try {
    return execFileSync("git", ["-C", folder, ...SAFE, ...args], {
      input,
      stdio: ["pipe", "pipe", "ignore"],
      env: { ...process.env, ...env },
      maxBuffer: OUTPUT,
      timeout: 120_000,
    })
  } catch {
    return null
  }
}

/** Returns the trimmed output of a git command in a folder; null when it fails or prints nothing. */
export const git = (folder: string, ...args: readonly string[]): string | null =>
  gitBytes(folder, args)?.toString("utf8").trim() || null

/** Returns the branch that is released, unless somebody names another: the default branch of `origin`, else main. */
export const releasedBranch = (folder: string): string =>
  git(folder, "rev-parse", "--abbrev-ref", "origin/HEAD")?.replace(/^origin\//, "") ?? "main"
