import { createHash, createHmac } from "node:crypto"
import type { Asked, Bytes } from "./http.js"

/** Credentials of AWS. */
export interface Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken: string | null
}

const sha256 = (content: string | Bytes): string => createHash("sha256").update(content).digest("hex")
const hmac = (key: string | Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest()

/**
 * Returns the headers of a request to S3, with its signature (AWS Signature Version 4).
 *
 * @param request one whose path needs no encoding, without a query.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
 */
export function signedHeaders(
  { method, url, headers, body = "" }: Asked,
  { accessKeyId, secretAccessKey, sessionToken }: Credentials,
  { region, at }: { readonly region: string; readonly at: Date },
): Readonly<Record<string, string>> {
  const time = at.toISOString().replaceAll(/[-:]|\.\d+/g, "")
  const date = time.slice(0, 8)
  const own = {
    ...headers,
    "x-amz-content-sha256": sha256(body),
    "x-amz-date": time,
    ...(sessionToken === null ? {} : { "x-amz-security-token": sessionToken }),
  }
  const sorted = Object.entries({ ...own, host: url.host }).sort(([a], [b]) => (a < b ? -1 : 1))
  const names = sorted.map(([name]) => name).join(";")
  const lines = sorted.map(([name, value]) => `${name}:${value}\n`).join("")
  const canonical = [method, url.pathname, "", lines, names, own["x-amz-content-sha256"]].join("\n")
  const scope = [date, region, "s3", "aws4_request"]
  const toSign = ["AWS4-HMAC-SHA256", time, scope.join("/"), sha256(canonical)].join("\n")
  const key = scope.reduce<string | Buffer>(hmac, `AWS4${secretAccessKey}`)
  const credential = `Credential=${accessKeyId}/${scope.join("/")}`
  const signature = `Signature=${hmac(key, toSign).toString("hex")}`
  return { ...own, authorization: `AWS4-HMAC-SHA256 ${credential},SignedHeaders=${names},${signature}` }
}
