import { severityOfScore } from "../formats/cvss.js"
import type { Severity } from "../run/result.js"

/** A key of slipway.yaml with its value, and where that comes from. */
export interface Setting {
  readonly path: readonly string[]
  readonly value: unknown
  /** `.nvmrc`, `compose.yaml:4`. */
  readonly from: string
}

/** What Slipway does for a command or an action of the team's CI. */
export type Outcome =
  /** Slipway needs nothing for it: a checkout, an upload. */
  | { readonly kind: "none" }
  /** Stages of a kind do the same. */
  | { readonly kind: "stage"; readonly stage: string; readonly settings?: readonly Sought[] }
  /** A shell command that a custom stage can run. */
  | { readonly kind: "shell" }
  /** It is not taken over, for this reason. */
  | { readonly kind: "left"; readonly why: string }

/** A value that a step sets, without its place. */
export type Sought = Omit<Setting, "from">

export const NONE: Outcome = { kind: "none" }
export const SHELL: Outcome = { kind: "shell" }
/** A step that stays with the team, and why. */
export const left = (why: string): Outcome => ({ kind: "left", why })
/** A step whose work a stage of Slipway does, with the settings that make the stage the same. */
export const stage = (kind: string, settings: readonly Sought[] = []): Outcome => ({
  kind: "stage",
  stage: kind,
  settings,
})

/** All severities, the lowest first. */
export const SEVERITIES: readonly Severity[] = ["info", "low", "medium", "high", "critical"]

/** Returns the setting for the least severity that fails a step, by any name that scanners have for it. */
export function severity(text: string): readonly Sought[] {
  const names = text
    .toLowerCase()
    .replaceAll("moderate", "medium")
    .split(/[\s,]+/)
  const least = SEVERITIES.find((one) => names.includes(one))
  return least === undefined ? [] : [{ path: ["security", "policy", "severity"], value: least }]
}

/** Returns the setting for the CVSS score in `--failOnCVSS`; nothing without one. */
export function cvss(args: string): readonly Sought[] {
  const score = Number(/--failOnCVSS[=\s]+([\d.]+)/i.exec(args)?.[1])
  if (Number.isNaN(score)) return []
  return severity(score < 4 ? "low" : severityOfScore(score))
}

/** Returns the stage of a category of scans, with a scanner beside Trivy. */
export const scannedBy = (category: string, scanner: string, more: readonly Sought[] = []): Outcome =>
  stage(category, [{ path: ["security", "scanners", category], value: ["trivy", scanner] }, ...more])

/** Why a step that deploys is left, and what to do. */
export const DEPLOYMENT = "a deployment. Describe it under `environments`, and call `slipway deploy`"
/** Why a step that publishes packages is left, and what to do. */
export const RELEASE = "a release of packages. Keep the step behind `slipway ci`"

/** The heading of the steps that are not taken over; the command line shows what follows it. */
export const NOT_TAKEN = "# Not taken over:"
