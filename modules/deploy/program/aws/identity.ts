import { GetCallerIdentityCommand, type STSClient } from "@aws-sdk/client-sts"
import type { Clock } from "../core/clock.ts"
import type { Identity } from "../core/gate.ts"
import { call } from "./retry.ts"

/** Returns the identity of the credentials. */
export async function identityOf(sts: STSClient, clock: Clock): Promise<Identity> {
  const { Account, Arn } = await call(clock, "STS GetCallerIdentity", () =>
    sts.send(new GetCallerIdentityCommand({})),
  )
  return { account: Account ?? "unknown", arn: Arn ?? "unknown" }
}

/** What a clock may be wrong, in milliseconds: AWS's answers tell its time in seconds, and take a while. */
const RIGHT_MS = 5 * 60_000

/** Returns how far this machine's clock is behind AWS's, in milliseconds; 0 up to 5 minutes, or before AWS has answered. */
export const behindAws = ({ config: { systemClockOffset } }: STSClient): number =>
  Math.abs(systemClockOffset) < RIGHT_MS ? 0 : systemClockOffset
