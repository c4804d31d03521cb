import { createHash } from "node:crypto"
import type { State } from "./state.ts"

/** Hexadecimal digits that look like AWS's, always the same for the same seed. */
export const hex = (seed: string, length: number): string =>
  createHash("sha256").update(seed).digest("hex").slice(0, length)

/** Decimal digits, as in `ecs-svc/3928475602384756923`. */
export const digits = (seed: string, length: number): string =>
  BigInt(`0x${hex(seed, 40)}`)
    .toString()
    .slice(0, length)

/** The next number, and the state that has used it. */
export const next = (state: State): readonly [number, State] => [
  state.sequence + 1,
  { ...state, sequence: state.sequence + 1 },
]

export const arn = (state: State, service: string, resource: string): string =>
  `arn:aws:${service}:${state.world.region}:${state.world.account}:${resource}`

/** The last part of an ARN, or the name itself. */
export const nameIn = (nameOrArn: string): string => nameOrArn.slice(nameOrArn.lastIndexOf("/") + 1)
