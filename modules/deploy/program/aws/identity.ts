import { GetCallerIdentityCommand, type STSClient } from "@aws-sdk/client-sts"
import type { Clock } from "../clock.ts"
import type { Identity } from "../plan/gate.ts"
import { call } from "./retry.ts"

/** Who AWS says we are. */
export async function identityOf(sts: STSClient, clock: Clock): Promise<Identity> {
  const { Account, Arn } = await call(clock, "STS GetCallerIdentity", () =>
    sts.send(new GetCallerIdentityCommand({})),
  )
  return { account: Account ?? "unknown", arn: Arn ?? "unknown" }
}
