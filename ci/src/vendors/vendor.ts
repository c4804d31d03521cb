import { inert } from "../formats/clean.js"
import type { JsonRecord } from "../formats/json.js"
import type { RunContext } from "../run/context.js"
import type { Severity } from "../run/result.js"
import type { Wrapper } from "./wrappers/wrapper.js"

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>

/** What a run knows besides its variables. */
export interface Host {
  /** The payload of the event that started the run, or {}. */
  readonly event: JsonRecord
  /** The full hash of the commit that is checked out, or null. */
  readonly checkedOut: string | null
  /** The branch that is checked out, or null where it is a commit alone. */
  readonly branch: string | null
}

/** The source of a field of the run context: an environment variable, or a function of several. */
export type Source = string | ((env: Environment, host: Host) => string | null | undefined)

/** Fields that are no text. */
type Counted = "vendor" | "attempt" | "also" | "starters"

/** The environment variables of a CI vendor. */
export interface Variables {
  /** `vendor` of the run context. */
  readonly name: string
  /** A variable that only this vendor sets, or several where one may be missing. */
  readonly signs: readonly string[]
  /** The variable that names the file of the event's payload. */
  readonly payload?: string
  /** Sources of the fields, from the vendor's reference of predefined variables. */
  readonly fields: Readonly<Partial<Record<Exclude<keyof RunContext, Counted>, Source>>>
  /** Variables that name the people who started, retried or resumed the run. */
  readonly starters: readonly string[]
  /** Counts the attempts of a run. Default: 1. */
  readonly attempt?: (env: Environment) => number
}

/** A CI vendor: its environment variables, its form of annotations, its wrapper. One file each, and a word in `vendors.ts`. */
export interface Vendor extends Variables {
  /** Commands of its log reader, or a report that it accepts. Vendors without either get JSON Lines. */
  readonly annotations?: Format
  /** Renders its thin wrapper. */
  readonly wrapper: Wrapper
  /** True where the wrapper can share the check among machines. */
  readonly shards?: true
}

/** A file of annotations. */
export interface Format {
  /** Its path in the evidence. */
  readonly path: string
  readonly write: (remarks: readonly Remark[]) => string
}

/** One thing to show beside the code. Its texts are clean, and may hold anything printable. */
export interface Remark {
  readonly level: "error" | "warning"
  readonly severity: Severity
  /** A short title: `lint:backend eqeqeq`. */
  readonly title: string
  readonly message: string
  /** The stage. */
  readonly source: string
  readonly rule: string
  /** Path in the project, or null. */
  readonly file: string | null
  /** 1-based, or null. */
  readonly line: number | null
  /** Identifies the same problem from run to run. */
  readonly fingerprint: string
}

/** Returns the name of a ref: `main` of `refs/heads/main`; undefined for a ref of another kind. */
export const refOf = (kind: "heads" | "tags", ref: string | undefined): string | undefined =>
  ref?.startsWith(`refs/${kind}/`) ? ref.slice(`refs/${kind}/`.length) : undefined

/** Returns the name of a branch that a vendor gives in the long form, in the short one, or either. */
export const branchOf = (ref: string | undefined): string | undefined =>
  ref?.startsWith("refs/") ? refOf("heads", ref) : ref

/** Joins an address and the parts of its path, encoded but for their slashes; undefined if one is missing. */
export function webAddress(site: string | undefined, ...parts: readonly (string | undefined)[]) {
  const encoded = parts.map((part) => part?.split("/").map(encodeURIComponent).join("/"))
  return site && encoded.every(Boolean) ? [site.replace(/\/+$/, ""), ...encoded].join("/") : undefined
}

/** Joins texts, each with a line break. */
export const lines = (texts: readonly string[]): string => texts.map((text) => `${text}\n`).join("")

/** Makes a function that escapes a text for a vendor's log reader. The table must begin with the escape sign itself. */
export const escaper =
  (table: readonly (readonly [string, string])[]) =>
  (text: string): string =>
    table.reduce((escaped, [from, to]) => escaped.replaceAll(from, to), inert(text))

/** Returns the first remarks of each level. */
export const perLevel = (remarks: readonly Remark[], count: number): readonly Remark[] =>
  (["error", "warning"] as const).flatMap((level) =>
    remarks.filter((remark) => remark.level === level).slice(0, count),
  )

/** Joins `name=value` pairs; omits values of null. */
export const properties = (
  values: Readonly<Record<string, string | number | null>>,
  escaped: (text: string) => string,
  separator: string,
): string =>
  Object.entries(values)
    .flatMap(([name, value]) => (value === null ? [] : [`${name}=${escaped(String(value))}`]))
    .join(separator)
