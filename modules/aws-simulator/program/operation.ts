/** Operations of AWS services: functions of the state, the input and the caller. */
import type { Fields } from "./fields.ts"
import type { State } from "./state.ts"

interface Caller {
  /** ARN of the principal. */
  readonly principal: string
}

/** What a call answers, and the state that it leaves. */
export interface Answer {
  readonly state: State
  /** Members as in the service's model. Dates are sent as timestamps, null members are left out. */
  readonly output: Fields
}

interface Operation {
  /** Whether the operation changes something. If so, the journal records it. */
  readonly mutates: boolean
  readonly run: (state: State, input: Fields, caller: Caller) => Answer
}

/** Operations of a service, by the name in its API. */
export type Operations = Readonly<Record<string, Operation>>

/** Returns a read-only operation. */
export const looks = (answer: (state: State, input: Fields, caller: Caller) => Fields): Operation => ({
  mutates: false,
  run: (state, input, caller) => ({ state, output: answer(state, input, caller) }),
})

/** An operation that changes the state. */
export const mutates = (run: Operation["run"]): Operation => ({ mutates: true, run })

/** A service and its operations. */
export interface Service {
  /** Its prefix in IAM policies: `ecs`. */
  readonly name: string
  readonly operations: Operations
}

/** A service whose operations are paths. */
export interface RestService extends Service {
  /** The method and path of each operation; the groups of the pattern are its parameters. */
  readonly routes: Readonly<Record<string, { readonly method: string; readonly path: RegExp }>>
}

/** Returns a time of the state, in milliseconds, as the date that an answer needs. */
export const when = (at: number | null): Date | null => (at === null ? null : new Date(at))
