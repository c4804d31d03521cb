import { quote } from "../run/command.js"
import type { TestCase } from "../run/result.js"
import type { Given, StageResult } from "../run/stage.js"

/** What a test says that needs the permissions of files to hold. */
const OF_PERMISSIONS = /chmod|\bE(?:ACCES|PERM)\b|PermissionError|permission denied/i

/** Without the rights by which root passes over the permissions of files. @see https://man7.org/linux/man-pages/man7/capabilities.7.html */
const WITHOUT_RIGHTS = "-dac_override,-dac_read_search"

/** Returns a shell command, or one that runs it as root whom the permissions of files bind as they bind every other user. */
export const commandOf = (command: string, bound: Bound): string =>
  bound === "" ? command : `setpriv --bounding-set=${WITHOUT_RIGHTS} sh -c ${quote(command)}`

/** Empty for a run that the permissions of files do not bind. */
export type Bound = "" | "bound"

/** Tells whether a suite's failed tests may all be wrong because root may read and write every file. */
export async function mayLackPermissions(
  { verdict, cause, tests }: Pick<StageResult, "verdict" | "cause" | "tests">,
  read: (file: string) => Promise<string>,
): Promise<boolean> {
  const failed = tests.filter((test) => test.verdict === "failed")
  if (verdict !== "failed" || cause !== "failed" || failed.length === 0) return false
  const files = [...new Set(failed.flatMap(({ file }) => file ?? []))]
  const texts = new Map(await Promise.all(files.map(async (file) => [file, await read(file)] as const)))
  const says = ({ message, file }: TestCase) =>
    [message ?? "", texts.get(file ?? "") ?? ""].some((text) => OF_PERMISSIONS.test(text))
  return failed.every(says)
}

/**
 * Runs a suite. One whose failed tests are about permissions runs once more without root's rights over files: on the machines of CI
 * vendors tests run as another user. Where it passes there, it has passed.
 *
 * @param run gets what distinguishes the second run from the first, and is then bound by them: {@link commandOf}.
 */
export async function withPermissions(
  given: Pick<Given, "source">,
  run: (bound: Bound) => Promise<StageResult>,
): Promise<StageResult> {
  const result = await run("")
  const read = async (file: string) => {
    try {
      return await given.source.file(file).contents()
    } catch {
      return ""
    }
  }
  if (!(await mayLackPermissions(result, read))) return result
  const again = await run("bound")
  return again.verdict === "passed"
    ? { ...again, summary: `${again.summary}; without root's rights over files` }
    : result
}
