import { type Credentials, signedHeaders } from "./aws-signature.js"
import { accepted, type Bytes, bytesOf, found, send } from "./http.js"
import { blobPath, recordPath } from "./names.js"
import type { Remote } from "./store.js"

/** Names that need no encoding in an address. */
export const BUCKET = /^s3:\/\/([a-z0-9][a-z0-9.-]+)((?:\/[\w.-]+)*)\/?$/

/** A bucket, as slipway.yaml names it. */
export interface Bucket {
  /** `s3://bucket/prefix` */
  readonly s3: string
  readonly region: string
  /** The address of a server that speaks as S3 does; null for S3 of AWS. */
  readonly endpoint: string | null
}

/** @param login `access key id:secret access key[:session token]`; null for a bucket that anybody may read. */
export function bucketStore({ s3, region, endpoint }: Bucket, login: string | null): Remote {
  const [, bucket = "", prefix = ""] = BUCKET.exec(s3) ?? []
  const server = endpoint?.replace(/\/$/, "") ?? `https://s3.${region}.amazonaws.com`
  const base = `${server}/${bucket}${prefix}`
  const credentials = login === null ? null : credentialsOf(login)
  const call = (method: string, path: string, body?: string | Bytes) => {
    const request = { method, url: new URL(`${base}/${path}`), headers: {}, body }
    const headers =
      credentials === null ? {} : signedHeaders(request, credentials, { region, at: new Date() })
    return send({ ...request, headers })
  }
  const get = async (path: string) => found(await call("GET", path), `S3 GetObject ${path}`, "NoSuchKey")
  const put = async (path: string, body: string | Bytes) =>
    accepted(await call("PUT", path, body), `S3 PutObject ${path}`)
  return {
    name: s3,
    read: async (key) => {
      const record = await get(recordPath(key))
      if (record === null) return null
      const blob = async (digest: string) => {
        const content = await get(blobPath(digest))
        return content && bytesOf(content)
      }
      return { text: await record.text(), blob }
    },
    write: async ({ key, text, blobs }) => {
      for (const [digest, content] of blobs) await put(blobPath(digest), content)
      await put(recordPath(key), text)
    },
  }
}

function credentialsOf(login: string): Credentials {
  const [accessKeyId = "", secretAccessKey = "", sessionToken = null] = login.trim().split(":")
  return { accessKeyId, secretAccessKey, sessionToken }
}
