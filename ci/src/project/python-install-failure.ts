/** Why the dependencies of a Python project could not be installed, as the log tells. */
import { causeLine } from "../run/cause-line.js"
import type { StageOutcome } from "../run/result.js"
import { headersMissing } from "./python-headers.js"
import { INSTALLERS } from "./python-installers.js"
import type { Python } from "./python-project.js"
import { missingText, namesRegistry, registriesOf, type Wanted } from "./variables.js"

type Failure = Pick<StageOutcome, "verdict" | "cause" | "summary">

/** Requirements that are written wrongly, or name a file that is not there (grep -E). */
const WRITTEN_WRONGLY =
  "Couldn't parse requirement|Error parsing included file|Distribution not found at: file:|Failed to parse: .?pyproject"

/** Requirements that cannot be had together (grep -E). */
const TOGETHER = "No solution found when resolving|version solving failed|ResolutionImpossible"

/** Why else there is no solution: a mirror may lack a package, and the version of Python may be chosen wrongly. */
const NOT_HERE =
  /not found in the package registry|there (?:is|are) no versions? of|CandidateNotFound|\bPython version \(|could not be (?:found|queried|downloaded)/

/** An index that does not know the caller (grep -E). */
const DENIED =
  "40[13] (Client Error|Unauthorized|Forbidden)|\\(40[13] |Missing credentials|could not read Username|Permission denied \\(publickey"

/**
 * Matches what another try would not change (grep -E).
 *
 * @param missing the variables that requirements want and nobody set.
 */
export const finalPythonFailure = (python: Python, missing: readonly Wanted[]): string =>
  [INSTALLERS[python.manager].outOfStep, WRITTEN_WRONGLY, TOGETHER, DENIED, ...registriesOf(missing)]
    .filter((one) => one !== "")
    .join("|")

/**
 * Returns what the log of a failed install says: whose fault it is, and the line that tells why.
 *
 * @param missing the variables that requirements want and nobody set.
 */
export function pythonInstallFailure(log: string, python: Python, missing: readonly Wanted[]): Failure {
  const says = (pattern: string) => new RegExp(pattern, "m").test(log)
  const why = causeLine(log) ?? "no reason given"
  const [unset] = missing
  const { outOfStep, mend } = INSTALLERS[python.manager]
  if (outOfStep !== "" && says(outOfStep))
    return {
      verdict: "failed",
      cause: "lock-file",
      summary: `${python.lockFile ?? "the lock file"} and pyproject.toml disagree: ${mend}`,
    }
  if (unset && (says(DENIED) || namesRegistry(log, missing)))
    return { verdict: "errored", cause: "token", summary: missingText(unset) }
  if (says(DENIED))
    return { verdict: "errored", cause: "token", summary: `access to a package is refused (${why})` }
  if (says(WRITTEN_WRONGLY) || (says(TOGETHER) && !NOT_HERE.test(log)))
    return {
      verdict: "failed",
      cause: "failed",
      summary: `${python.manager} refuses to install: ${why}`,
    }
  const headers = headersMissing(log)
  if (headers !== null)
    return { verdict: "errored", cause: "errored", summary: `cannot install dependencies: ${headers}` }
  return { verdict: "errored", cause: "download", summary: `cannot install dependencies: ${why}` }
}
