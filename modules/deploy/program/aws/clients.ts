/** The AWS clients: of the standard environment variables, or of credentials that are handed over. */
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch"
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs"
import { ECRClient } from "@aws-sdk/client-ecr"
import { ECSClient } from "@aws-sdk/client-ecs"
import { ElasticLoadBalancingV2Client } from "@aws-sdk/client-elastic-load-balancing-v2"
import { RDSClient } from "@aws-sdk/client-rds"
import { S3Client } from "@aws-sdk/client-s3"
import { AssumeRoleWithWebIdentityCommand, STSClient } from "@aws-sdk/client-sts"

export interface Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
  readonly expiration?: Date
}

/** How AWS is reached. */
export interface Access {
  readonly region: string
  /** A simulator's address; null is AWS, or what AWS_ENDPOINT_URL says. */
  readonly endpoint: string | null
  /** Null takes the SDK's own chain: environment variables, a role of the machine. */
  readonly credentials: Credentials | (() => Promise<Credentials>) | null
  /** Whether the SDK's own retries wait in real time. Not on a virtual clock: there, all waits are `retry.ts`'s. */
  readonly patient?: boolean
}

/** Of one call to AWS, in milliseconds. */
const TIMEOUTS = { connectionTimeout: 5_000, requestTimeout: 30_000 }

/** What every client is made with. The SDK's retries are for what passes in seconds; `retry.ts` is for the rest. */
export const clientSettings = ({ region, endpoint, credentials, patient = true }: Access) => ({
  region,
  ...(patient ? { maxAttempts: 3, retryMode: "adaptive" } : { maxAttempts: 1 }),
  requestHandler: TIMEOUTS,
  ...(endpoint === null ? {} : { endpoint }),
  ...(credentials === null ? {} : { credentials }),
})

export interface Aws {
  readonly access: Access
  readonly ecs: ECSClient
  readonly ecr: ECRClient
  readonly elb: ElasticLoadBalancingV2Client
  readonly rds: RDSClient
  readonly cloudwatch: CloudWatchClient
  readonly logs: CloudWatchLogsClient
  readonly s3: S3Client
  readonly sts: STSClient
  readonly close: () => void
}

export function awsClients(access: Access): Aws {
  const settings = clientSettings(access)
  const clients = {
    ecs: new ECSClient(settings),
    ecr: new ECRClient(settings),
    elb: new ElasticLoadBalancingV2Client(settings),
    rds: new RDSClient(settings),
    cloudwatch: new CloudWatchClient(settings),
    logs: new CloudWatchLogsClient(settings),
    // A bucket as a part of the host's name is nothing that a simulator at an IP address could serve.
    s3: new S3Client({
      ...settings,
      forcePathStyle: access.endpoint !== null || process.env.AWS_ENDPOINT_URL !== undefined,
      requestChecksumCalculation: "WHEN_REQUIRED",
      responseChecksumValidation: "WHEN_REQUIRED",
    }),
    sts: new STSClient(settings),
  }
  return {
    access,
    ...clients,
    close: () => {
      for (const client of Object.values(clients)) client.destroy()
    },
  }
}

/** What a role session's name may not hold. */
const UNNAMEABLE = /[^\w+=,.@-]/g

/**
 * Credentials of a role for a CI vendor's token, for some seconds; fetched again before they expire, which succeeds while
 * the token is valid. The session is named after the run, so that CloudTrail and the audit log can be joined.
 */
export function webIdentity(
  access: Omit<Access, "credentials">,
  role: { readonly arn: string; readonly token: string; readonly seconds: number; readonly run: string },
): () => Promise<Credentials> {
  // No signature is asked for; without these, the SDK would look for credentials first.
  const unsigned = { accessKeyId: "unsigned", secretAccessKey: "unsigned" }
  const sts = new STSClient(clientSettings({ ...access, credentials: unsigned }))
  return async () => {
    const { Credentials: given } = await sts.send(
      new AssumeRoleWithWebIdentityCommand({
        RoleArn: role.arn,
        WebIdentityToken: role.token,
        DurationSeconds: role.seconds,
        RoleSessionName: `slipway-${role.run}`.replace(UNNAMEABLE, "-").slice(0, 64),
      }),
    )
    if (!given?.AccessKeyId || !given.SecretAccessKey)
      throw new Error(`STS gives no credentials for ${role.arn}`)
    return {
      accessKeyId: given.AccessKeyId,
      secretAccessKey: given.SecretAccessKey,
      ...(given.SessionToken ? { sessionToken: given.SessionToken } : {}),
      ...(given.Expiration ? { expiration: given.Expiration } : {}),
    }
  }
}
