/** S3: objects with conditional writes, always consistent. Path style only. */
import { createHash } from "node:crypto"
import { AwsError } from "../error.ts"
import type { Fields } from "../fields.ts"
import { toXml } from "../protocol/xml.ts"
import type { Request, Response } from "../server/http.ts"
import type { State, StoredObject } from "../state.ts"
import { isThere } from "../world.ts"
import { listVersions, type Place, versionOf, withVersion } from "./s3-versions.ts"

interface S3Answer {
  readonly state: State
  readonly response: Response
}

/** Reads bucket and key from a path; the key is empty for the bucket itself. */
export function placeOf(path: string): Place {
  const [bucket = "", ...rest] = path.split("/").slice(1).map(decodeURIComponent)
  return { bucket, key: rest.join("/") }
}

type Names = Readonly<Record<string, string>>

const OF_BUCKETS: Names = { GET: "ListObjectsV2", HEAD: "HeadBucket" }
const OF_OBJECTS: Names = { GET: "GetObject", HEAD: "HeadObject", PUT: "PutObject", DELETE: "DeleteObject" }

/** Returns the operation as in IAM, where reading a version has another name. */
export function s3Operation({ method, query }: Pick<Request, "method" | "query">, key: string): string {
  const operation = (key === "" ? OF_BUCKETS : OF_OBJECTS)[method] ?? method
  if (operation === "ListObjectsV2" && query.has("versions")) return "ListObjectVersions"
  return operation === "GetObject" && query.has("versionId") ? "GetObjectVersion" : operation
}

const empty = (status: number, headers: Readonly<Record<string, string>> = {}): Response => ({
  status,
  headers,
  body: "",
})

const find = (state: State, { bucket, key }: Place): StoredObject | null =>
  state.objects.find((entry) => entry.bucket === bucket && entry.key === key) ?? null

const headersOf = (object: StoredObject): Readonly<Record<string, string>> => ({
  etag: object.etag,
  "content-type": object.type,
  "content-length": String(object.body.length),
  "last-modified": new Date(object.modifiedAt).toUTCString(),
  ...Object.fromEntries(
    Object.entries(object.metadata).map(([name, value]) => [`x-amz-meta-${name}`, value]),
  ),
})

const NO_SUCH_KEY = (): AwsError => new AwsError("NoSuchKey", "The specified key does not exist.", 404)

const PRECONDITION = (): AwsError =>
  new AwsError("PreconditionFailed", "At least one of the pre-conditions you specified did not hold", 412)

/** Conditional writes: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html */
function checkConditions(before: StoredObject | null, match?: string, noneMatch?: string): void {
  if (noneMatch === "*" && before !== null) throw PRECONDITION()
  if (match === undefined) return
  if (before === null) throw NO_SUCH_KEY()
  if (match !== "*" && match !== before.etag && `"${match}"` !== before.etag) throw PRECONDITION()
}

/** Decodes a streamed body: chunks, each preceded by its size. */
function unchunked(request: Request): Buffer {
  if (!(request.headers["content-encoding"] ?? "").includes("aws-chunked")) return request.body
  const parts: Buffer[] = []
  let at = 0
  for (;;) {
    const end = request.body.indexOf("\r\n", at)
    const size = Number.parseInt(request.body.subarray(at, end).toString(), 16)
    if (Number.isNaN(size) || size <= 0) return Buffer.concat(parts)
    parts.push(request.body.subarray(end + 2, end + 2 + size))
    at = end + 2 + size + 2
  }
}

const without = (state: State, { bucket, key }: Place): readonly StoredObject[] =>
  state.objects.filter((entry) => entry.bucket !== bucket || entry.key !== key)

const SHA256 = "x-amz-checksum-sha256"

function put(state: State, place: Place, request: Request): S3Answer {
  checkConditions(find(state, place), request.headers["if-match"], request.headers["if-none-match"])
  const body = unchunked(request)
  const checksum = request.headers[SHA256]
  if (checksum !== undefined && checksum !== createHash("sha256").update(body).digest("base64"))
    throw new AwsError("BadDigest", "The sha256 you specified did not match the calculated checksum.")
  const metadata = Object.entries(request.headers)
    .filter(([name]) => name.startsWith("x-amz-meta-"))
    .map(([name, value]) => [name.slice("x-amz-meta-".length), value] as const)
  const object: StoredObject = {
    ...place,
    body,
    etag: `"${createHash("md5").update(body).digest("hex")}"`,
    type: request.headers["content-type"] ?? "binary/octet-stream",
    metadata: Object.fromEntries(metadata),
    modifiedAt: state.now,
  }
  const after = { ...state, objects: [...without(state, place), object] }
  return { state: withVersion(after, place, object), response: empty(200, { etag: object.etag }) }
}

function get(state: State, place: Place, request: Request): S3Answer {
  const object = find(state, place)
  if (object === null) throw NO_SUCH_KEY()
  const { headers } = request
  if (headers["if-none-match"] === object.etag) return { state, response: empty(304, { etag: object.etag }) }
  if (headers["if-match"] !== undefined && headers["if-match"] !== object.etag) throw PRECONDITION()
  return { state, response: { status: 200, headers: headersOf(object), body: object.body } }
}

function remove(state: State, place: Place, request: Request): S3Answer {
  checkConditions(find(state, place), request.headers["if-match"])
  const after = { ...state, objects: without(state, place) }
  return { state: withVersion(after, place, null), response: empty(204) }
}

const PAGE = 1000

function list(state: State, { bucket }: Place, { query }: Request): S3Answer {
  const prefix = query.get("prefix") ?? ""
  const after = query.get("continuation-token") ?? query.get("start-after") ?? ""
  const size = Number(query.get("max-keys") ?? PAGE)
  const delimiter = query.get("delimiter") ?? ""
  const matching = state.objects
    .filter((entry) => entry.bucket === bucket && entry.key.startsWith(prefix) && entry.key > after)
    .toSorted((left, right) => (left.key < right.key ? -1 : 1))
  const folderOf = ({ key }: StoredObject): string | null => {
    const end = delimiter === "" ? -1 : key.indexOf(delimiter, prefix.length)
    return end === -1 ? null : key.slice(0, end + delimiter.length)
  }
  const page = matching.slice(0, size)
  const folders = [...new Set(page.map(folderOf).filter((folder) => folder !== null))]
  const contents = page
    .filter((entry) => folderOf(entry) === null)
    .map((entry) => ({
      Key: entry.key,
      LastModified: new Date(entry.modifiedAt),
      ETag: entry.etag,
      Size: entry.body.length,
      StorageClass: "STANDARD",
    }))
  const more = matching.length > size
  const fields: Fields = {
    Name: bucket,
    Prefix: prefix,
    KeyCount: page.length,
    MaxKeys: size,
    IsTruncated: more,
    NextContinuationToken: more ? page.at(-1)?.key : null,
  }
  const entries = [
    ...contents.map((entry) => `<Contents>${toXml(entry)}</Contents>`),
    ...folders.map((folder) => `<CommonPrefixes>${toXml({ Prefix: folder })}</CommonPrefixes>`),
  ]
  const xml = `<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${toXml(fields)}${entries.join("")}</ListBucketResult>`
  return { state, response: { status: 200, headers: { "content-type": "application/xml" }, body: xml } }
}

type Handle = (state: State, place: Place, request: Request) => S3Answer

const HANDLERS: Readonly<Record<string, Handle>> = {
  GetObject: get,
  HeadObject: get,
  GetObjectVersion: (state, place, { query }) => {
    const object = versionOf(state, place, query.get("versionId") ?? "")
    return { state, response: { status: 200, headers: headersOf(object), body: object.body } }
  },
  ListObjectVersions: (state, place, request) => ({ state, response: listVersions(state, place, request) }),
  PutObject: put,
  DeleteObject: remove,
  ListObjectsV2: list,
  HeadBucket: (state) => ({ state, response: empty(200) }),
}

/** @throws AwsError for an error response. */
export function s3(state: State, request: Request): S3Answer {
  const place = placeOf(request.path)
  if (!isThere(state.world.buckets, place.bucket)) {
    throw new AwsError("NoSuchBucket", "The specified bucket does not exist", 404)
  }
  const handle = HANDLERS[s3Operation(request, place.key)]
  if (handle === undefined)
    throw new AwsError("MethodNotAllowed", "The simulator does not support this method.", 405)
  return handle(state, place, request)
}

/** Writes the body of an error of S3. */
export const s3Error = ({ code, message }: AwsError, path: string, requestId: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?><Error>${toXml({ Code: code, Message: message, Resource: path, RequestId: requestId })}</Error>`
