/** Renders a result as text: the outcome first, then what is live, then what to do. */
import type { Bundle } from "./evidence.ts"
import { excerpt } from "./log.ts"
import type { Live, LiveService, Result } from "./result.ts"
import { duration, nameOf, oneLine, short, UNKNOWN_COMMIT } from "./text.ts"

const LABEL = 13
const INDENT = " ".repeat(LABEL)
const LINES = 8

/** Puts a label before the first line and indents the others. */
const block = (label: string, lines: readonly string[]): readonly string[] =>
  lines.map((line, index) => (index === 0 ? `${label.padEnd(LABEL)}${line}` : `${INDENT}${line}`))

/** Aligns cells in columns. */
function table(rows: readonly (readonly string[])[]): readonly string[] {
  const columns = Math.max(0, ...rows.map((row) => row.length))
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.filter((row) => row.length > column + 1).map((row) => row[column]?.length ?? 0), 0),
  )
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  )
}

const commitText = (commit: string | null): string =>
  commit === null || commit === UNKNOWN_COMMIT ? "(not by Slipway)" : short(commit)

/** Returns the columns of a service. */
function liveRow({ service, status, revision, commit, running, desired, moving }: LiveService) {
  if (status === "") return [service, "ECS has no such service"]
  const changing = moving ? ", changing" : ""
  const is = status === "ACTIVE" ? changing : `, ${status}`
  return [
    service,
    revision === null ? "no deployment" : nameOf(revision),
    revision === null ? "" : commitText(commit),
    `${running} of ${desired} running${is}`,
  ]
}

function liveLines(live: Live): readonly string[] {
  if ("unknown" in live) return [`unknown: ${live.unknown}`]
  return table(
    live.services.flatMap((service) => [
      liveRow(service),
      ...service.besides.map((other) => [
        "",
        nameOf(other.revision),
        commitText(other.commit),
        `${other.running} running as well`,
      ]),
    ]),
  )
}

function bundleLines(bundle: Bundle): readonly string[] {
  const stopped = bundle.stopped.map(({ service, task, reason, containers }) => {
    const ended = containers
      .filter(({ exitCode, reason }) => exitCode !== null || reason !== "")
      .map(({ name, exitCode, reason }) => {
        const code = exitCode === null ? "" : `exit code ${exitCode} `
        return `${name}: ${code}${reason}`.trim()
      })
    const how = ended.length > 0 ? ` (${ended.join("; ")})` : ""
    return oneLine(`${service} ${task.slice(0, 8)}: ${reason}${how}`, 200)
  })
  return [
    ...block("stopped", stopped.slice(0, 3)),
    ...block(
      "log",
      excerpt(bundle.log, LINES).map((line) => oneLine(line, 200)),
    ),
    ...block(
      "targets",
      bundle.targets
        .filter(({ state }) => state !== "healthy")
        .slice(0, 4)
        .map(({ target, state, reason }) => `${target} ${state} ${reason}`),
    ),
    ...block(
      "events",
      bundle.events.slice(0, 5).map((event) => oneLine(event, 200)),
    ),
  ]
}

const LOOKS: ReadonlySet<string> = new Set(["plan", "status"])

/** Returns a few lines for a success, and the evidence with them for a failure. */
export function resultText(result: Omit<Result, "text" | "audit">): string {
  const { outcome, environment, what, cause, todo, ask, live, bundle, run, release, remarks, details } =
    result
  const took = [
    duration(result.milliseconds),
    ...(release === null ? [] : [`release ${release}`]),
    `run ${run.url ?? run.id}`,
  ]
  const head =
    LOOKS.has(result.action) && outcome === "succeeded" ? result.action.toUpperCase() : outcome.toUpperCase()
  return [
    ...block(head.length < LABEL ? head : `${head} `, [`${environment}: ${what}`]),
    ...(ask === null ? [] : block("question", [ask])),
    ...(cause === null ? [] : block("cause", [cause])),
    ...block("live", liveLines(live)),
    ...block("to do", todo),
    ...details,
    ...(bundle === null ? [] : bundleLines(bundle)),
    ...block("also", remarks),
    ...block("took", [took.join(", ")]),
  ].join("\n")
}
