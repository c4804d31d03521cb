/** Objects in the state bucket, written conditionally. */
import {
  GetObjectCommand,
  type GetObjectCommandInput,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3"
import type { Clock } from "../core/clock.ts"
import type { Store, Stored, Version } from "../core/store.ts"
import { AwsFault, call, callIfThere, isRejected, type Pace } from "./retry.ts"

/** How long an attempt of a quick call may take, in real milliseconds. */
const QUICK_MS = 4_000

async function readObject(
  s3: S3Client,
  object: GetObjectCommandInput,
  options: { readonly abortSignal?: AbortSignal } = {},
): Promise<Stored> {
  const { Body, ETag } = await s3.send(new GetObjectCommand(object), options)
  return { body: (await Body?.transformToString()) ?? "", etag: ETag ?? "" }
}

/**
 * Returns the objects of an environment.
 *
 * @param pace `patient`: calls are retried for minutes. `quick`: a call fails within seconds.
 */
export function bucketOf(
  s3: S3Client,
  clock: Clock,
  state: { readonly bucket: string; readonly prefix: string },
  pace: Pace = "patient",
): Store {
  const keyOf = (key: string) => `${state.prefix.replace(/\/$/, "")}/${key}`
  const options = () => (pace === "quick" ? { abortSignal: AbortSignal.timeout(QUICK_MS) } : {})
  const read = (key: string): Promise<Stored | null> =>
    callIfThere(
      clock,
      `S3 GetObject ${key}`,
      () => readObject(s3, { Bucket: state.bucket, Key: keyOf(key) }, options()),
      pace,
    )
  return {
    read,
    ...historyOf(s3, clock, state.bucket, keyOf),
    write: async (key, body, etag) => {
      const place = { Bucket: state.bucket, Key: keyOf(key) }
      const object = { Body: body, ContentType: "application/json" }
      const condition = etag === null ? { IfNoneMatch: "*" } : { IfMatch: etag }
      try {
        const { ETag } = await call(
          clock,
          `S3 PutObject ${key}`,
          () => s3.send(new PutObjectCommand({ ...place, ...object, ...condition }), options()),
          pace,
        )
        return ETag ?? ""
      } catch (error) {
        if (!isRefusal(error, etag)) throw error
        // A retry is refused if the first attempt succeeded and only its response was lost.
        const there = await read(key)
        return there?.body === body ? there.etag : null
      }
    },
  }
}

/** True where the object was changed, or deleted, since it had the etag. */
const isRefusal = (error: unknown, etag: string | null): boolean =>
  error instanceof AwsFault &&
  (error.kind === "conflict" || (etag !== null && error.kind === "missing" && error.code !== "NoSuchBucket"))

/** Returns the calls that are needed only after an object was lost or damaged. */
function historyOf(
  s3: S3Client,
  clock: Clock,
  Bucket: string,
  keyOf: (key: string) => string,
): Pick<Store, "keys" | "versions"> {
  const readVersion = (Key: string, VersionId: string | undefined) => () =>
    call(clock, `S3 GetObject ${Key}`, async () => (await readObject(s3, { Bucket, Key, VersionId })).body)
  return {
    keys: async (prefix) => {
      const keys: string[] = []
      let from: string | undefined
      do {
        const command = new ListObjectsV2Command({ Bucket, Prefix: keyOf(prefix), ContinuationToken: from })
        const page = await call(clock, `S3 ListObjectsV2 ${prefix}`, () => s3.send(command))
        keys.push(...(page.Contents ?? []).map(({ Key = "" }) => Key.slice(keyOf("").length)))
        from = page.NextContinuationToken
      } while (from !== undefined)
      return keys
    },
    versions: async (key): Promise<readonly Version[] | null> => {
      const Prefix = keyOf(key)
      try {
        const { Versions = [] } = await call(clock, `S3 ListObjectVersions ${key}`, () =>
          s3.send(new ListObjectVersionsCommand({ Bucket, Prefix })),
        )
        const own = Versions.filter(({ Key }) => Key === Prefix)
        if (own.length === 0) return null
        return own.map(({ LastModified, VersionId }) => ({
          at: LastModified?.getTime() ?? 0,
          read: readVersion(Prefix, VersionId),
        }))
      } catch (error) {
        if (isRejected(error)) return null
        throw error
      }
    },
  }
}
