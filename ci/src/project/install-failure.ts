import { causeLine } from "../run/cause-line.js"
import type { StageOutcome } from "../run/result.js"
import { unreachable, unreachableText } from "../run/unreachable.js"
import { managerText, manualOf } from "./managers.js"
import type { Project } from "./project.js"
import { missingText, namesRegistry, registriesOf, type Wanted } from "./variables.js"

type Failure = Pick<StageOutcome, "verdict" | "cause" | "summary">

/** The lock file was written by another version of the manager. */
const FOREIGN_LOCK = /ERR_PNPM_LOCKFILE_BREAKING_CHANGE|[Ii]gnoring not compatible lockfile/

/** What package.json and the settings ask for cannot be had together, or is wrong: no network's fault (grep -E). */
const REFUSED = [
  "ERR_PNPM_(UNSUPPORTED_ENGINE|BAD_PM_VERSION|PATCH_|UNUSED_PATCH|PEER_DEP|INVALID_|JSON_PARSE|IGNORED_BUILDS)",
  "ERR_PNPM_(WORKSPACE_PKG_NOT_FOUND|NO_MATCHING_VERSION_INSIDE_WORKSPACE|CATALOG_|NO_MATURE_MATCHING_VERSION)",
  "ENOENT: no such file or directory, open .*[.](patch|diff|tgz)",
  "EBADENGINE|EBADDEVENGINES|code (ERESOLVE|EUSAGE|EUNSUPPORTEDPROTOCOL|EJSONPARSE|EOVERRIDE|EBADPLATFORM)",
  "code (EDUPLICATEWORKSPACE|EINVALIDPACKAGENAME|EINVALIDTAGNAME|EPEERINVALID)",
  "The (engine|platform) .* is incompatible with this module|Invalid value type .* in .*yarn[.]lock",
  "YN00(09|16|66)|: Workspace not found|Usage Error: The nearest package directory",
].join("|")

/** A script of a dependency ended with an error. */
const DEPENDENCY =
  /npm (?:error|ERR!) (?:gyp |command sh -c|path .*node_modules)|ELIFECYCLE|YN0009|install script from "/

/** A tool that ends before it does anything, because a variable is not set. */
const UNSET = "Failed to replace env in config|Environment variable not found"

/** A registry that does not know the caller. */
const DENIED =
  "Permission denied \\(publickey|Host key verification failed|could not read Username for|code E40[13]|code ENEEDAUTH|ERR_PNPM_FETCH_40[13]|YN0041|YN0035.* 40[13]|40[13] (Unauthorized|Forbidden)|(- 40[13]$)"
/** What a registry says of a private package to a caller that it does not know. */
const HIDDEN = /code E404|ERR_PNPM_FETCH_404|YN0035|Not [Ff]ound|(?:- 404$)/m

/** A registry that answers that it has no such package, or no such version. */
const UNKNOWN = "code E404|ERR_PNPM_FETCH_404|YN0035.* 404"

/** A script of a dependency that finds no binary and no compiler. */
const NO_COMPILER = "gyp ERR! find Python|gyp ERR! .*not found: (make|cc|c\\+\\+|g\\+\\+)"

/**
 * Matches what another try would not change (grep -E).
 *
 * @param missing the variables that settings want and nobody set.
 */
export const finalFailure = ({ packageManager }: Project, missing: readonly Wanted[]): string =>
  [
    manualOf(packageManager).outOfStep,
    FOREIGN_LOCK.source,
    REFUSED,
    UNSET,
    DENIED,
    UNKNOWN,
    NO_COMPILER,
    ...registriesOf(missing),
  ].join("|")

const failure = (
  verdict: Failure["verdict"],
  cause: Failure["cause"],
  summary: Failure["summary"],
): Failure => ({ verdict, cause, summary })

/**
 * Returns what the log of a failed install says: whose fault it is, and the line that tells why.
 *
 * @param missing the variables that settings want and nobody set.
 */
export function installFailure(
  log: string,
  { packageManager, lockFile }: Project,
  missing: readonly Wanted[],
): Failure {
  const { outOfStep, mend } = manualOf(packageManager)
  const line = causeLine(log)
  const why = line === null ? "" : ` (${line})`
  const manager = managerText(packageManager)
  const [unset] = missing
  const denied = new RegExp(DENIED, "m").test(log)
  if (unset && (denied || namesRegistry(log, missing) || new RegExp(UNSET).test(log) || HIDDEN.test(log)))
    return failure("errored", "token", missingText(unset))
  if (denied) return failure("errored", "token", `access to a package is refused${why}`)
  if (FOREIGN_LOCK.test(log))
    return failure(
      "failed",
      "lock-file",
      `${manager} (from ${packageManager.because}) cannot read ${lockFile}: set packageManager in package.json to the version that wrote it${why}`,
    )
  if (new RegExp(outOfStep).test(log))
    return failure("failed", "lock-file", `${lockFile} and package.json disagree: ${mend}${why}`)
  if (new RegExp(REFUSED).test(log))
    return failure("failed", "failed", `${manager} refuses to install: ${line ?? "no reason given"}`)
  const ofDependency = DEPENDENCY.test(log)
  const away = ofDependency ? unreachable(log) : null
  if (away !== null)
    return failure("errored", "download", `cannot install dependencies: ${unreachableText(away)}`)
  return failure(
    "errored",
    ofDependency ? "errored" : "download",
    `cannot install dependencies: ${line ?? "no reason given"}`,
  )
}
