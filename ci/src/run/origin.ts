import type { StageRecord } from "./result.js"

/** The run that did the work of a remembered stage. */
type Origin = NonNullable<StageRecord["remembered"]>

/** `run 4711 of github, commit fae9d3403506`; on a laptop `a run by ada@example.org, commit fae9d3403506`. */
export function originText(origin: Origin): string {
  const { commit } = origin
  const where = runText(origin)
  return commit === null ? where : `${where}, commit ${commit.slice(0, 12)}`
}

function runText({ vendor, run, attempt, actor }: Origin): string {
  if (run === null) return `a run by ${actor ?? "somebody"}`
  const again = attempt > 1 ? ` (attempt ${attempt})` : ""
  return `run ${run}${again} of ${vendor ?? "a CI vendor"}`
}

/** Says why nothing of a stage ran: `cached`, or `remembered from …`; null if it ran. */
export function reuseText({ cached, remembered }: StageRecord): string | null {
  if (remembered) return `remembered from ${originText(remembered)}`
  return cached ? "cached" : null
}
