import type { FaultCode } from "./causes.js"

/** What a person must know of a fault. */
export interface FaultText {
  /** What happened, in a sentence; further lines hold the details. */
  readonly what: string
  /** `file`, `file:line` or `file:line:column`, in the project and 1-based, or null where there is no place. */
  readonly where: string | null
  /** What to do about it. */
  readonly fix: string
}

/**
 * A failure that Slipway can explain. Its message is the whole explanation, so that it reads the same
 * wherever it surfaces, even where nobody catches it.
 */
export class Fault extends Error implements FaultText {
  readonly code: FaultCode
  readonly what: string
  readonly where: string | null
  readonly fix: string

  constructor(code: FaultCode, text: FaultText) {
    super(render(text))
    this.name = "Fault"
    this.code = code
    this.what = text.what
    this.where = text.where
    this.fix = text.fix
  }
}

/** Thrown where a stage lacks a setting in slipway.yaml. The message names the setting, and the stage is skipped. */
export class Undescribed extends Error {}

/** A fault as a person reads it: where and what happened, then what to do. Ends without a line break. */
export function render({ what, where, fix }: FaultText): string {
  return `${located(where, what)}\nTo fix it: ${fix}`
}

/** What happened, behind the place where it did. */
export const located = (where: string | null, what: string): string =>
  where === null ? what : `${where}: ${what}`
