import { inert } from "../formats/clean.js"
import type { RunContext } from "../run/context.js"
import type { Severity } from "../run/result.js"

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>

/** Where a vendor's environment holds a field of the run context: a variable, or what is made of several. */
export type Source = string | ((env: Environment) => string | undefined)

/** A CI vendor: how it tells what a run is for, and how it shows remarks. One file each, and a word in `vendors.ts`. */
export interface Vendor {
  /** As the run context has it. */
  readonly name: string
  /** The variable that only this vendor sets. */
  readonly sign: string
  /** The vendor's predefined variables, from its own reference of them. */
  readonly fields: Readonly<Partial<Record<Exclude<keyof RunContext, "vendor" | "attempt">, Source>>>
  /** The variable that counts the tries of a run. */
  readonly attempt?: string
  /** What its log reader acts on, or the report that it accepts; lines of JSON for vendors without either. */
  readonly annotations?: Format
}

/** A file of annotations. */
export interface Format {
  /** Its path in the evidence. */
  readonly path: string
  readonly write: (remarks: readonly Remark[]) => string
}

/** One thing to show beside the code that it is about. Its text is clean, and may hold anything printable. */
export interface Remark {
  readonly level: "error" | "warning"
  readonly severity: Severity
  /** `lint:backend eqeqeq`: in few words. */
  readonly title: string
  readonly message: string
  /** The stage, and the rule or test in it: what a tool may group by. */
  readonly source: string
  readonly rule: string
  /** Path in the project, or null where there is none. */
  readonly file: string | null
  /** 1-based, or null. */
  readonly line: number | null
  /** Names the same thing from run to run. */
  readonly fingerprint: string
}

/** The part of a ref behind its kind: `main` of `refs/heads/main`, or undefined for a ref of another kind. */
export const refOf = (kind: "heads" | "tags", ref: string | undefined): string | undefined =>
  ref?.startsWith(`refs/${kind}/`) ? ref.slice(`refs/${kind}/`.length) : undefined

/** Texts, each with a line break. */
export const lines = (texts: readonly string[]): string => texts.map((text) => `${text}\n`).join("")

/** Replaces what a vendor would act on; the first of the table must be its own escape sign. */
export const escaper =
  (table: readonly (readonly [string, string])[]) =>
  (text: string): string =>
    table.reduce((escaped, [from, to]) => escaped.replaceAll(from, to), inert(text))

/** The first remarks of each level. */
export const perLevel = (remarks: readonly Remark[], count: number): readonly Remark[] =>
  (["error", "warning"] as const).flatMap((level) =>
    remarks.filter((remark) => remark.level === level).slice(0, count),
  )

/** `name=value` of those that have one. */
export const properties = (
  values: Readonly<Record<string, string | number | null>>,
  escaped: (text: string) => string,
  separator: string,
): string =>
  Object.entries(values)
    .flatMap(([name, value]) => (value === null ? [] : [`${name}=${escaped(String(value))}`]))
    .join(separator)
