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
  /** Its causes of a red stage or run. */
  readonly causes: Readonly<Record<string, ExitCode>>
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
