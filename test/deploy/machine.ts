/** Machines that want the lease of one environment. */
import { awsClients } from "../../modules/deploy/program/aws/clients.ts"
import { bucketOf } from "../../modules/deploy/program/aws/objects.ts"
import { type Clock, virtualClock } from "../../modules/deploy/program/core/clock.ts"
import { takeLease } from "../../modules/deploy/program/core/lease.ts"
import { type Changes, parsed, requestInput } from "./rehearsal.ts"

/**
 * A machine whose clock is wrong.
 *
 * @param changes to its request.
 */
export async function machine(
  { url }: { readonly url: string },
  id: string,
  skew: number,
  changes: Changes = {},
) {
  const clock = await virtualClock(url, id, new AbortController().signal)
  const skewed: Clock = { ...clock, now: () => clock.now() + skew }
  const aws = awsClients(
    {
      region: "eu-central-1",
      endpoint: url,
      credentials: { accessKeyId: "AKIAEXAMPLE", secretAccessKey: "canary-aws-secret-key" },
      patient: false,
    },
    async () => {},
  )
  const request = parsed(
    requestInput({ ...changes, request: { ...changes.request, run: { id, actor: id } } }),
  )
  const { state } = request.environment
  const bucket = bucketOf(aws.s3, skewed, state)
  const lost: string[] = []
  const take = (rest: Partial<Parameters<typeof takeLease>[0]> = {}) =>
    takeLease({
      bucket,
      pulse: bucketOf(aws.s3, skewed, state, "quick"),
      clock: skewed,
      request,
      fence: 0,
      say: () => {},
      tell: async () => {},
      onLost: () => lost.push(id),
      ...rest,
    })
  return { clock, bucket, request, take, lost }
}
