import { createHash } from "node:crypto"
import type { World } from "./world.ts"

/** Hexadecimal digits that look like AWS's, always the same for the same seed. */
export const hex = (seed: string, length: number): string =>
  createHash("sha256").update(seed).digest("hex").slice(0, length)

/** Decimal digits, as in `ecs-svc/3928475602384756923`. */
export const digits = (seed: string, length: number): string =>
  BigInt(`0x${hex(seed, 40)}`)
    .toString()
    .slice(0, length)

/** The ARN of a resource in the world's account and region. */
export const arn = ({ region, account }: World, service: string, resource: string): string =>
  `arn:aws:${service}:${region}:${account}:${resource}`

/** The last part of an ARN, or the name itself. */
export const nameIn = (nameOrArn: string): string => nameOrArn.slice(nameOrArn.lastIndexOf("/") + 1)
