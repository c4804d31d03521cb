/** A key of slipway.yaml with its value, and where that comes from. */
export interface Setting {
  readonly path: readonly string[]
  readonly value: unknown
  /** `.nvmrc`, `compose.yaml:4`. */
  readonly from: string
}

/** What becomes of a part of a step of the team's CI. */
export type Outcome =
  /** Slipway needs nothing for it: a checkout, an upload. */
  | { readonly kind: "none" }
  /** Stages of a kind do the same. */
  | { readonly kind: "stage"; readonly stage: string; readonly settings?: readonly Sought[] }
  /** A command of the shell that a stage of its own can run. */
  | { readonly kind: "shell" }
  /** It is not taken over, for this reason. */
  | { readonly kind: "left"; readonly why: string }

/** A value that a step sets, without its place. */
export type Sought = Omit<Setting, "from">

export const NONE: Outcome = { kind: "none" }
export const SHELL: Outcome = { kind: "shell" }
export const left = (why: string): Outcome => ({ kind: "left", why })
export const stage = (kind: string, settings: readonly Sought[] = []): Outcome => ({
  kind: "stage",
  stage: kind,
  settings,
})

/** Severities from the least, as they are ordered everywhere. */
export const SEVERITIES = ["info", "low", "medium", "high", "critical"]

/** Returns the setting for the least severity that fails a step, by any name that scanners have for it. */
export function severity(text: string): readonly Sought[] {
  const names = text
    .toLowerCase()
    .replaceAll("moderate", "medium")
    .split(/[\s,]+/)
  const least = SEVERITIES.find((one) => names.includes(one))
  return least === undefined ? [] : [{ path: ["security", "policy", "severity"], value: least }]
}

/** Returns the setting for a CVSS score that fails a step. @see https://nvd.nist.gov/vuln-metrics/cvss */
export function cvss(score: number): readonly Sought[] {
  if (Number.isNaN(score)) return []
  return severity(score >= 9 ? "critical" : score >= 7 ? "high" : score >= 4 ? "medium" : "low")
}

/** Returns the setting that adds a scanner to those of a category. */
export const scanners = (category: string, ...names: readonly string[]): readonly Sought[] => [
  { path: ["security", "scanners", category], value: names },
]

export const DEPLOYMENT = "a deployment. Describe it under `environments`, and call `slipway deploy`"

/** Stands over the steps that are not taken over; the command line shows what follows it. */
export const NOT_TAKEN = "# Not taken over:"
