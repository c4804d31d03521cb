/** AWS clients, with the given credentials or the standard environment variables. */
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch"
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs"
import { ECRClient } from "@aws-sdk/client-ecr"
import { ECSClient } from "@aws-sdk/client-ecs"
import { ElasticLoadBalancingV2Client } from "@aws-sdk/client-elastic-load-balancing-v2"
import { RDSClient } from "@aws-sdk/client-rds"
import { S3Client } from "@aws-sdk/client-s3"
import { AssumeRoleWithWebIdentityCommand, STSClient } from "@aws-sdk/client-sts"
import { NotSent } from "./retry.ts"

interface Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
  readonly expiration?: Date
}

/** How to reach AWS. */
export interface Access {
  readonly region: string
  /** Address of a simulator; null: AWS, or AWS_ENDPOINT_URL. */
  readonly endpoint: string | null
  /** Null: the SDK's default chain (environment variables, role of the machine). */
  readonly credentials: Credentials | (() => Promise<Credentials>) | null
  /** Whether the SDK retries, which waits in real time. Off on a virtual clock: there `retry.ts` alone waits. */
  readonly patient?: boolean
}

/** Time limits of one call to AWS, in milliseconds. */
const TIMEOUTS = { connectionTimeout: 5_000, requestTimeout: 30_000 }

/** Settings of every client. The SDK retries for seconds; `retry.ts` retries for minutes. */
export const clientSettings = ({ region, endpoint, credentials, patient = true }: Access) => ({
  region,
  ...(patient ? { maxAttempts: 3, retryMode: "adaptive" } : { maxAttempts: 1 }),
  requestHandler: TIMEOUTS,
  ...(endpoint === null ? {} : { endpoint }),
  ...(credentials === null ? {} : { credentials }),
})

/** Called right before each attempt of a change: also before those that the SDK repeats. Throws to send nothing. */
export type BeforeChange = (operation: string, input: object) => Promise<void>

const READS = /^(Describe|List|Get|BatchGet)/

/** Returns a middleware that asks before each attempt of a command that changes something. */
const guarded =
  (before: BeforeChange) =>
  <I extends { readonly input: object }, O>(
    next: (args: I) => Promise<O>,
    { commandName = "" }: { readonly commandName?: string },
  ) =>
  async (args: I): Promise<O> => {
    const operation = commandName.replace(/Command$/, "")
    if (!READS.test(operation))
      await before(operation, args.input).catch((error: unknown) => {
        throw new NotSent(error)
      })
    return next(args)
  }

/** Inside of the SDK's own retries: so it is called for each attempt. */
const EACH_ATTEMPT = { relation: "after", toMiddleware: "retryMiddleware", name: "beforeChange" } as const

/** The clients of all services that a deployment calls. */
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

/** @param before asked before each change of ECS, RDS and CloudWatch. */
export function awsClients(access: Access, before: BeforeChange): Aws {
  const settings = clientSettings(access)
  const clients = {
    ecs: new ECSClient(settings),
    ecr: new ECRClient(settings),
    elb: new ElasticLoadBalancingV2Client(settings),
    rds: new RDSClient(settings),
    cloudwatch: new CloudWatchClient(settings),
    logs: new CloudWatchLogsClient(settings),
    // A simulator at an IP address cannot serve buckets as part of the host name.
    s3: new S3Client({
      ...settings,
      forcePathStyle: access.endpoint !== null || process.env.AWS_ENDPOINT_URL !== undefined,
      // The state may lie in another region than the services.
      followRegionRedirects: true,
      requestChecksumCalculation: "WHEN_REQUIRED",
      responseChecksumValidation: "WHEN_REQUIRED",
    }),
    sts: new STSClient(settings),
  }
  for (const { middlewareStack } of [clients.ecs, clients.rds, clients.cloudwatch])
    middlewareStack.addRelativeTo(guarded(before), EACH_ATTEMPT)
  return {
    access,
    ...clients,
    close: () => {
      for (const client of Object.values(clients)) client.destroy()
    },
  }
}

/** Characters that a role session name must not contain. */
const INVALID = /[^\w+=,.@-]/g

/**
 * Returns a provider of a role's credentials for a CI vendor's token. They are renewed before they expire, which works
 * while the token is valid. The session has the name of the run, so that CloudTrail and the audit log can be joined.
 */
export function webIdentity(
  access: Omit<Access, "credentials">,
  role: { readonly arn: string; readonly token: string; readonly seconds: number; readonly run: string },
): () => Promise<Credentials> {
  // The call needs no signature, but without credentials the SDK would search for some.
  const unsigned = { accessKeyId: "unsigned", secretAccessKey: "unsigned" }
  const sts = new STSClient(clientSettings({ ...access, credentials: unsigned }))
  return async () => {
    const { Credentials: session } = await sts.send(
      new AssumeRoleWithWebIdentityCommand({
        RoleArn: role.arn,
        WebIdentityToken: role.token,
        DurationSeconds: role.seconds,
        RoleSessionName: `slipway-${role.run}`.replace(INVALID, "-").slice(0, 64),
      }),
    )
    if (!session?.AccessKeyId || !session.SecretAccessKey)
      throw new Error(`STS returned no credentials for ${role.arn}`)
    return {
      accessKeyId: session.AccessKeyId,
      secretAccessKey: session.SecretAccessKey,
      ...(session.SessionToken ? { sessionToken: session.SessionToken } : {}),
      ...(session.Expiration ? { expiration: session.Expiration } : {}),
    }
  }
}
