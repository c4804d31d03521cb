/** What a request asks for, by part: so that another request is never taken for the same one. */
import { createHash } from "node:crypto"
import { canonical } from "./audit.ts"
import type { Journal } from "./journal.ts"
import type { Request } from "./request.ts"

const digestOf = (value: unknown): string =>
  createHash("sha256").update(canonical(value)).digest("hex").slice(0, 16)

/** Keys of an environment that do not change what is deployed, nor how it is proven. */
const ASIDE: ReadonlySet<string> = new Set([
  ...["notifications", "deployments", "leaseWaitMinutes", "sessionMinutes", "freeze", "approvals", "state"],
])

const ASKED = new WeakMap<Request, string>()
const PARTS = new WeakMap<Request, Readonly<Record<string, string>>>()

/** Returns a digest of each part of what is asked for. */
export function partsOf(request: Request): Readonly<Record<string, string>> {
  const known = PARTS.get(request)
  if (known !== undefined) return known
  const { action, environment, release, to } = request
  const images = action === "rollback" ? {} : release.images
  const parts = Object.fromEntries([
    ["to", digestOf(to)],
    ...Object.entries(images).map(([name, image]) => [`images.${name}`, digestOf(image)]),
    ...Object.entries(environment)
      .filter(([key]) => !ASIDE.has(key))
      .map(([key, value]) => [`environment.${key}`, digestOf(value)]),
  ])
  PARTS.set(request, parts)
  return parts
}

/** Returns one digest of everything that is asked for. */
export function askedDigest(request: Request): string {
  const known = ASKED.get(request)
  if (known !== undefined) return known
  const digest = digestOf({ ...partsOf(request), action: request.action, commit: request.release.commit })
  ASKED.set(request, digest)
  return digest
}

/** Returns the parts of a request that differ from the release in flight; none for a journal without digests. */
export function differences(journal: Pick<Journal, "parts">, request: Request): readonly string[] {
  const before = journal.parts
  if (Object.keys(before).length === 0) return []
  const now = partsOf(request)
  return [...new Set([...Object.keys(before), ...Object.keys(now)])].filter((key) => before[key] !== now[key])
}
