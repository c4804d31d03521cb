import { truncate } from "../formats/clean.js"
import { plural } from "../formats/figures.js"
import type { Finding } from "../run/result.js"
import type { Binding } from "./binding.js"
import type { Difference } from "./differences.js"
import type { Drift, Drifted } from "./drift.js"
import { ageOf } from "./lock.js"
import type { Action, Change, Plan } from "./plan-json.js"

/** Names of actions, the most harmful first. */
const SAID: readonly (readonly [action: Action, sign: string, verb: string])[] = [
  ["delete", "-", "destroy"],
  ["replace", "±", "replace"],
  ["forget", "–", "forget"],
  ["update", "~", "change"],
  ["create", "+", "create"],
  ["read", "⇐", "read"],
]

/** Counts a plan's resources by action. */
function counts(changes: readonly Change[]): Readonly<Partial<Record<Action, number>>> {
  const entries = SAID.map(
    ([action]) => [action, changes.filter((one) => one.action === action).length] as const,
  )
  return Object.fromEntries(entries.filter(([, number]) => number > 0))
}

/** `1 to destroy, 2 to create`, or `no changes`. */
export function headline({ changes, outputs }: Pick<Plan, "changes" | "outputs">): string {
  const numbers = counts(changes)
  const parts = SAID.flatMap(([action, , verb]) => (numbers[action] ? [`${numbers[action]} to ${verb}`] : []))
  if (outputs.length > 0) parts.push(plural(outputs.length, "output"))
  return parts.length > 0 ? parts.join(", ") : "no changes"
}

/** `summary.json` of a plan. */
export function summaryJson(plan: Plan, binding: Binding, findings: readonly Finding[]): object {
  return {
    schema: 1,
    outcome: binding.exitCode === 0 ? "no-changes" : "changes",
    exitCode: binding.exitCode,
    headline: headline(plan),
    counts: counts(plan.changes),
    changes: plan.changes.map(({ after: _, ...change }) => change),
    outputs: plan.outputs,
    drift: plan.drift.map(({ address, action, differences }) => ({ address, action, differences })),
    policy: findings,
  }
}

/** `summary.md` of a plan, for the change's page. */
export function summaryMarkdown(plan: Plan, binding: Binding, findings: readonly Finding[]): string {
  const { environment, root, workspace, program, version, commit, state } = binding
  const blocking = findings.filter(({ standing }) => standing?.status === "blocks")
  const where = [environment, root, workspace === "default" ? "" : `workspace ${workspace}`].filter(Boolean)
  const title = where.length > 0 ? `Plan for ${where.join(", ")}` : "Plan"
  const made = [
    `${program} ${version}`,
    `commit ${commit?.slice(0, 12) ?? "not known"}`,
    state === null ? "no state yet" : `state serial ${state.serial}`,
    binding.madeAt,
  ]
  return [
    `# ${title}: ${headline(plan)}`,
    "",
    made.join(", "),
    "",
    ...(blocking.length > 0
      ? [
          "## Refused by the policy",
          "",
          ...blocking.map(({ message, standing }) => `- ${code(message)}: ${standing?.why}`),
          "",
        ]
      : []),
    ...plan.changes.toSorted(byHarm).flatMap(changeLines),
    ...(plan.outputs.length > 0
      ? ["## Outputs", "", ...plan.outputs.map(({ name, action }) => `- ${code(name)} (${action})`), ""]
      : []),
    ...(plan.drift.length > 0
      ? [
          "## Changed by others since the last apply",
          "",
          ...plan.drift.map(({ address, action }) => `- ${code(address)} (${action})`),
          "",
        ]
      : []),
  ].join("\n")
}

const rank = (action: Action) => SAID.findIndex(([name]) => name === action)

const byHarm = (a: Change, b: Change) =>
  rank(a.action) - rank(b.action) || a.address.localeCompare(b.address, "en")

function changeLines({ address, action, reason, forces, differences }: Change): readonly string[] {
  const [, sign = "?", verb = action] = SAID[rank(action)] ?? []
  const why = [reason?.replaceAll("_", " ") ?? "", ...(forces.length > 0 ? [`by ${forces.join(", ")}`] : [])]
  const told = why.filter(Boolean).join(", ")
  return [
    `## ${sign} ${verb} ${code(address)}`,
    "",
    ...(told === "" ? [] : [told, ""]),
    ...differenceLines(differences),
  ]
}

const SHOWN = 40

function differenceLines(differences: readonly Difference[]): readonly string[] {
  if (differences.length === 0) return []
  const lines = differences
    .slice(0, SHOWN)
    .map(({ path, before, after }) => `- ${code(path || "all of it")}: ${value(before)} → ${value(after)}`)
  const more = differences.length > SHOWN ? [`- and ${differences.length - SHOWN} more`] : []
  return [...lines, ...more, ""]
}

/** Longer values say in a diff of their own what a line cannot. */
const LONGEST = 120

function value(given: unknown): string {
  if (given === undefined || given === null) return "nothing"
  const text = typeof given === "string" ? given : JSON.stringify(given)
  return code(truncate(text, LONGEST))
}

/** As code, whatever is in it: values are others' words, and must not become markup. */
function code(text: string): string {
  const line = text.replace(/\s+/g, " ").trim()
  const longest = Math.max(0, ...(line.match(/`+/g) ?? []).map((run) => run.length))
  const fence = "`".repeat(longest + 1)
  const space = line.startsWith("`") || line.endsWith("`") || line === "" ? " " : ""
  return `${fence}${space}${line}${space}${fence}`
}

const seen = ({ sightings, since }: Drifted, now: number) =>
  sightings === 1 ? "seen once" : `seen ${sightings} times in a row, for ${ageOf(now - Date.parse(since))}`

/** `summary.md` of a look at drift. */
export function driftMarkdown({ drifted, elsewhere }: Drift, now: number): string {
  const alerts = drifted.filter(({ alert }) => alert).length
  const headline =
    drifted.length === 0 ? "none" : `${plural(drifted.length, "resource")}, ${alerts} for an alert`
  return [
    `# Drift: ${headline}`,
    "",
    ...drifted.flatMap((one) => [
      `## ${one.alert ? "⚠ " : ""}${code(one.address)} ${one.action === "delete" ? "is gone" : "was changed"}`,
      "",
      seen(one, now),
      "",
      ...differenceLines(one.differences),
    ]),
    ...(elsewhere.length > 0
      ? [
          "## Changed by those who own it",
          "",
          ...elsewhere.map(({ address, paths }) => `- ${code(address)}: ${paths.map(code).join(", ")}`),
          "",
        ]
      : []),
  ].join("\n")
}
