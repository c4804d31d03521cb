import { bytes } from "../../ci/src/formats/figures.js"
import { CommandFault } from "../fault.js"
import { type Asset, markedCommit, type Publication } from "./publication.js"

/** A file of a release at the platform. */
export interface Remote {
  readonly name: string
  /** Its address in the API. */
  readonly url: string
  readonly size: number
  /** SHA-256 in hex digits; null where the platform does not know it. */
  readonly digest: string | null
  /** False for an upload that did not end, or a file that the release does not link. */
  readonly complete: boolean
}

/** A release at the platform, which may be unfinished. */
export interface Found {
  /** Its address in the API. */
  readonly url: string
  /** The address that files are uploaded to. */
  readonly uploads: string
  /** True when everybody sees it. */
  readonly isPublic: boolean
  /** Its text; null where only files are there. */
  readonly body: string | null
  readonly assets: readonly Remote[]
}

/** What publishing does, in its order. */
export type Step =
  | { readonly kind: "create" }
  | { readonly kind: "upload"; readonly asset: Asset; readonly instead: Remote | null }
  | { readonly kind: "publish" }

const refused = (what: string, fix: string): CommandFault => new CommandFault("release-refused", what, fix)

/**
 * Returns the steps that are left until a release is published whole; none for one that is.
 *
 * @throws CommandFault `release-refused` for a release of another commit, of somebody else, or with other files.
 */
export function stepsOf(publication: Publication, found: Found | null): readonly Step[] {
  if (found !== null) assertOwn(publication, found)
  const uploads = publication.assets.flatMap((asset) => uploadOf(publication, asset, found))
  const ends = found?.isPublic && uploads.length === 0
  return [
    ...(found === null ? [{ kind: "create" } as const] : []),
    ...uploads,
    ...(ends ? [] : [{ kind: "publish" } as const]),
  ]
}

function assertOwn({ tag, commit }: Publication, { body }: Found): void {
  if (body === null) return
  const marked = markedCommit(body)
  if (marked === null)
    throw refused(
      `a release of ${tag} is there, which Slipway did not publish`,
      "delete it, or release a later version",
    )
  if (marked !== commit)
    throw refused(
      `${tag} is published of commit ${marked.slice(0, 12)}, and now it is ${commit.slice(0, 12)}: the tag moved`,
      "release a later version: a published one never changes",
    )
}

function uploadOf({ tag }: Publication, asset: Asset, found: Found | null): readonly Step[] {
  const there = found?.assets.find(({ name }) => name === asset.name) ?? null
  if (there?.complete && isSame(there, asset)) return []
  if (there?.complete && found?.isPublic)
    throw refused(
      `${tag} is published with another ${asset.name}`,
      "pass the evidence and the images of the run that published it, or release a later version",
    )
  return [{ kind: "upload", asset, instead: there }]
}

const isSame = (there: Remote, { content, digest }: Asset): boolean =>
  there.size === content.length && (there.digest === null || there.digest === digest)

/** Says what a step does: `upload result.json (81.2 kB, sha256:…)`. */
export function textOf(step: Step): string {
  if (step.kind !== "upload") return `${step.kind} the release`
  const { asset, instead } = step
  const verb = instead === null ? "upload" : "replace"
  return `${verb} ${asset.name} (${bytes(asset.content.length)}, sha256:${asset.digest})`
}
