/** One operation of an AWS service: a function of the state, what was asked, and who asks. */
import type { Fields } from "./fields.ts"
import type { State } from "./state.ts"

interface Caller {
  /** ARN of the principal. */
  readonly principal: string
}

export interface Answer {
  readonly state: State
  /** Members as the service's model names them. Dates are timestamps; null members are left out. */
  readonly output: Fields
}

interface Operation {
  /** It changes something, or tries to: the journal keeps it. */
  readonly mutates: boolean
  readonly run: (state: State, input: Fields, caller: Caller) => Answer
}

export type Operations = Readonly<Record<string, Operation>>

/** An operation that only looks. */
export const looks = (answer: (state: State, input: Fields, caller: Caller) => Fields): Operation => ({
  mutates: false,
  run: (state, input, caller) => ({ state, output: answer(state, input, caller) }),
})

export const mutates = (run: Operation["run"]): Operation => ({ mutates: true, run })

/** What a service needs for its protocol. */
export interface Service {
  /** As the policies of IAM name it: `ecs`. */
  readonly name: string
  readonly operations: Operations
}

export const when = (at: number | null): Date | null => (at === null ? null : new Date(at))
