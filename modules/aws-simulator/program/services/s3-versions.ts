/** Versions of objects in S3: https://docs.aws.amazon.com/AmazonS3/latest/userguide/versioning-workflows.html */
import { AwsError } from "../error.ts"
import type { Fields } from "../fields.ts"
import { hex } from "../ids.ts"
import { toXml } from "../protocol/xml.ts"
import type { Request, Response } from "../server/http.ts"
import type { ObjectVersion, State, StoredObject } from "../state.ts"

/** Versions that are kept of each object, as with a lifecycle rule for older ones. */
const KEPT = 20

/** A key of a bucket. */
export interface Place {
  readonly bucket: string
  readonly key: string
}

/** Notes what a key holds from now on. @param object null: it is deleted. */
export function withVersion(state: State, { bucket, key }: Place, object: StoredObject | null): State {
  if (!state.world.versioned) return state
  const path = `${bucket}/${key}`
  const all = state.versions[path] ?? []
  const number = (all[0]?.number ?? 0) + 1
  const version: ObjectVersion = { id: hex(`version/${path}/${number}`, 32), number, at: state.now, object }
  return { ...state, versions: { ...state.versions, [path]: [version, ...all].slice(0, KEPT) } }
}

/** @throws AwsError if there is no such version. */
export function versionOf(state: State, { bucket, key }: Place, id: string): StoredObject {
  const found = state.versions[`${bucket}/${key}`]?.find((version) => version.id === id)
  if (found === undefined) throw new AwsError("NoSuchVersion", "The specified version does not exist.", 404)
  if (found.object === null)
    throw new AwsError("MethodNotAllowed", "The specified method is not allowed against this resource.", 405)
  return found.object
}

function entryOf(key: string, { id, at, object }: ObjectVersion, latest: boolean): string {
  const fields: Fields = { Key: key, VersionId: id, IsLatest: latest, LastModified: new Date(at) }
  return object === null
    ? `<DeleteMarker>${toXml(fields)}</DeleteMarker>`
    : `<Version>${toXml({ ...fields, ETag: object.etag, Size: object.body.length })}</Version>`
}

/** Answers ListObjectVersions: by key, the newest version first. */
export function listVersions(state: State, { bucket }: Place, { query }: Request): Response {
  const prefix = query.get("prefix") ?? ""
  const size = Number(query.get("max-keys") ?? 1000)
  const entries = Object.entries(state.versions)
    .map(([path, versions]) => [path.slice(bucket.length + 1), versions, path] as const)
    .filter(([key, , path]) => path.startsWith(`${bucket}/`) && key.startsWith(prefix))
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .flatMap(([key, versions]) => versions.map((version, index) => entryOf(key, version, index === 0)))
  const fields: Fields = { Name: bucket, Prefix: prefix, MaxKeys: size, IsTruncated: entries.length > size }
  const body = `${toXml(fields)}${entries.slice(0, size).join("")}`
  return {
    status: 200,
    headers: { "content-type": "application/xml" },
    body: `<ListVersionsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${body}</ListVersionsResult>`,
  }
}
