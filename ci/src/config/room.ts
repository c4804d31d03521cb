import type * as z from "zod/mini"

/**
 * What a folder of stages brings, as data that needs no engine. A room adds the types of its part to {@link Config}
 * and {@link Causes} by declaration merging, next to the data: what is composed of rooms names none of them.
 */
export interface Room {
  /** Its sections of slipway.yaml, by key. Built only when a file is read: building takes longer than most checks. */
  readonly sections: () => z.core.$ZodLooseShape
  /** What its stages check, by kind: the key under `stages` in slipway.yaml, and the stage's line in the docs. */
  readonly stages: Readonly<Record<string, string>>
  /** The limit of slipway.yaml that the time of its stages counts for, by kind. Other kinds count for the whole run only. */
  readonly clocks?: Readonly<Record<string, "build" | "tests">>
  /** Seconds of work of its stages, by kind, where no run has measured them: for sharing a check among machines. */
  readonly seconds?: Readonly<Record<string, number>>
  /** How its stages count, by kind. A kind that is not named is a gate of the project's own. */
  readonly gates?: Readonly<Record<string, KindGate>>
  /** Its causes of a red stage or run. */
  readonly causes: Readonly<Record<string, ExitCode>>
}

/**
 * Whose gate a stage is, which decides how it counts under `policy: default`.
 *
 * - `own`: the project declares it, by a script, a tool's configuration, or slipway.yaml. Blocks.
 * - `added`: Slipway brings it unasked. Reports, and blocks for what is new against the base.
 * - `always`: blocks under every policy.
 */
export type Gate = "own" | "added" | "always"

/** The gate of a kind of stage. */
export interface KindGate {
  readonly gate: Gate
  /** Keys of slipway.yaml that make it the project's own: `coverage`, `quality.smells`. */
  readonly ownBy?: readonly string[]
  /** What else counts, for the docs: completes the table's cell. */
  readonly note?: string
}

/** A cause's exit code, and what it tells. */
export interface ExitCode {
  readonly code: number
  /** Completes "exit code 23: …". */
  readonly meaning: string
}

type Immutable<T> = T extends object ? { readonly [K in keyof T]: Immutable<T[K]> } : T

/** The values of a room's sections, by key. */
export type SectionsOf<R extends Room> = Immutable<z.output<z.ZodMiniObject<ReturnType<R["sections"]>>>>

/** The names of a room's causes. */
export type CausesOf<R extends Room> = { readonly [Name in keyof R["causes"]]: ExitCode }
