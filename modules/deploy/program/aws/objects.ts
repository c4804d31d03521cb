/** Objects in the state bucket, written conditionally. */
import { GetObjectCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3"
import type { Clock } from "../core/clock.ts"
import type { Store, Stored } from "../core/store.ts"
import { AwsFault, call, callIfThere } from "./retry.ts"

/** How long an attempt of a quick call may take, in real milliseconds. */
const QUICK_MS = 4_000

/**
 * Returns the objects of an environment.
 *
 * @param pace `patient`: calls are retried for minutes. `quick`: a call fails within seconds.
 */
export function bucketOf(
  s3: S3Client,
  clock: Clock,
  state: { readonly bucket: string; readonly prefix: string },
  pace: "patient" | "quick" = "patient",
): Store {
  const keyOf = (key: string) => `${state.prefix.replace(/\/$/, "")}/${key}`
  const options = () => (pace === "quick" ? { abortSignal: AbortSignal.timeout(QUICK_MS) } : {})
  const read = (key: string): Promise<Stored | null> =>
    callIfThere(
      clock,
      `S3 GetObject ${key}`,
      async () => {
        const command = new GetObjectCommand({ Bucket: state.bucket, Key: keyOf(key) })
        const { Body, ETag } = await s3.send(command, options())
        return { body: (await Body?.transformToString()) ?? "", etag: ETag ?? "" }
      },
      pace,
    )
  return {
    read,
    write: async (key, body, etag) => {
      const command = {
        ...{ Bucket: state.bucket, Key: keyOf(key), Body: body, ContentType: "application/json" },
        ...(etag === null ? { IfNoneMatch: "*" } : { IfMatch: etag }),
      }
      try {
        const { ETag } = await call(
          clock,
          `S3 PutObject ${key}`,
          () => s3.send(new PutObjectCommand(command), options()),
          pace,
        )
        return ETag ?? ""
      } catch (error) {
        const gone =
          etag !== null &&
          error instanceof AwsFault &&
          error.kind === "missing" &&
          error.code !== "NoSuchBucket"
        if (!(error instanceof AwsFault && error.kind === "conflict") && !gone) throw error
        // A retry is refused if the first attempt succeeded and only its response was lost.
        const there = await read(key)
        return there?.body === body ? there.etag : null
      }
    },
  }
}
