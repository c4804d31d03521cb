import type { Given } from "../run/stage.js"
import { isLock, namesPackages } from "./locks.js"
import { type Looking, READ_NOTHING } from "./scanner.js"

/** The lock files that name packages and that none of the scanners that looked has read, as a look that was not taken. */
export async function locksUnread(
  given: Given,
  files: readonly string[],
  looks: readonly Looking[],
): Promise<readonly Looking[]> {
  const looked = looks.filter(({ looked }) => looked.verdict === "passed")
  const left = files.filter((file) => isLock(file) && !looked.some(({ reads }) => reads(file)))
  if (looked.length === 0 || left.length === 0) return []
  const named = await Promise.all(
    left.map(async (file) =>
      namesPackages(
        file,
        await given.source
          .file(file)
          .contents()
          .catch(() => ""),
      )
        ? [file]
        : [],
    ),
  )
  const unread = named.flat()
  if (unread.length === 0) return []
  const tools = looked.map(({ looked }) => looked.tool).join(", ")
  const what = `${unread.join(", ")} not read by ${tools}. Add another scanner under \`security.scanners.dependencies\` in slipway.yaml`
  return [
    {
      looked: { tool: "lock files", version: null, verdict: "errored", what, database: null },
      cause: "errored",
      findings: [],
      ...READ_NOTHING,
      steps: [],
      log: { text: "", lines: 0 },
    },
  ]
}
