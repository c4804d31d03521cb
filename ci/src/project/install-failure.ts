import { causeLine } from "../run/cause-line.js"
import type { StageOutcome } from "../run/result.js"
import { managerText, manualOf } from "./managers.js"
import type { Project } from "./project.js"

type Failure = Pick<StageOutcome, "verdict" | "cause" | "summary">

/** The lock file was written by another version of the manager. */
const FOREIGN_LOCK = /ERR_PNPM_LOCKFILE_BREAKING_CHANGE|[Ii]gnoring not compatible lockfile/

/** What package.json and the settings ask for cannot be had together: no network's fault. */
const REFUSED =
  "ERR_PNPM_(UNSUPPORTED_ENGINE|BAD_PM_VERSION|PATCH_|UNUSED_PATCH|PEER_DEP|INVALID_)|EBADENGINE|EBADDEVENGINES|code ERESOLVE|code EUSAGE|The engine .* is incompatible with this module|YN00(09|16|62|86)"

/** A script of a dependency ended with an error. */
const DEPENDENCY =
  /npm (?:error|ERR!) (?:gyp |command sh -c|path .*node_modules)|ELIFECYCLE|YN0009|install script from "/

/** Matches what another try would not change (grep -E). */
export const finalFailure = ({ packageManager }: Project): string =>
  `${manualOf(packageManager).outOfStep}|${FOREIGN_LOCK.source}|${REFUSED}`

/** Returns what the log of a failed install says: whose fault it is, and the line that tells why. */
export function installFailure(log: string, { packageManager, lockFile }: Project): Failure {
  const { outOfStep, mend } = manualOf(packageManager)
  const line = causeLine(log)
  const why = line === null ? "" : ` (${line})`
  const manager = managerText(packageManager)
  if (FOREIGN_LOCK.test(log))
    return {
      verdict: "failed",
      cause: "lock-file",
      summary: `${manager} (from ${packageManager.because}) cannot read ${lockFile}: set packageManager in package.json to the version that wrote it${why}`,
    }
  if (new RegExp(outOfStep).test(log))
    return {
      verdict: "failed",
      cause: "lock-file",
      summary: `${lockFile} and package.json disagree: ${mend}${why}`,
    }
  if (new RegExp(REFUSED).test(log))
    return {
      verdict: "failed",
      cause: "failed",
      summary: `${manager} refuses to install: ${line ?? "no reason given"}`,
    }
  const cause = DEPENDENCY.test(log) ? "errored" : "download"
  return { verdict: "errored", cause, summary: `cannot install dependencies: ${line ?? "no reason given"}` }
}
