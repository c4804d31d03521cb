import { createHash } from "node:crypto"
import type { World } from "./world.ts"

/** Returns hexadecimal digits that depend on the seed alone. */
export const hex = (seed: string, length: number): string =>
  createHash("sha256").update(seed).digest("hex").slice(0, length)

/** Returns decimal digits that depend on the seed alone, as in `ecs-svc/3928475602384756923`. */
export const digits = (seed: string, length: number): string =>
  BigInt(`0x${hex(seed, 40)}`)
    .toString()
    .slice(0, length)

/** Returns the ARN of a resource in the world's account and region. */
export const arn = ({ region, account }: World, service: string, resource: string): string =>
  `arn:aws:${service}:${region}:${account}:${resource}`

/** Returns the last part of an ARN, or the name itself. */
export const nameIn = (nameOrArn: string): string => nameOrArn.slice(nameOrArn.lastIndexOf("/") + 1)
