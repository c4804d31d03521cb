import { anyOf } from "../formats/pattern.js"
import { Fault } from "../run/fault.js"

/** A repository of a registry: `registry.example.org:5000` and `team/app`. */
export interface Repository {
  readonly host: string
  readonly path: string
}

/** An image by what it is: its digest. */
export interface Pinned extends Repository {
  /** `sha256:…` */
  readonly digest: string
}

/** A word without a dot is a host where a port follows: `team/app` has none. */
const HOST = anyOf([/localhost(?::\d+)?/, /[a-z\d][\w-]*(?:\.[\w-]+)+(?::\d+)?/, /[a-z\d][\w-]*:\d+/])
const NAME = /[a-z\d]+(?:[._-]+[a-z\d]+)*/
const REPOSITORY = new RegExp(`^(?<host>${HOST.source})/(?<path>${NAME.source}(?:/${NAME.source})*)$`)

/**
 * Reads the name of a repository.
 *
 * @throws {Fault} `configuration` for another text, or one without a registry.
 */
export function parseRepository(name: string): Repository {
  const { host, path } = REPOSITORY.exec(name)?.groups ?? {}
  if (host && path) return { host, path }
  throw new Fault("configuration", {
    what: `${JSON.stringify(name)} is not a repository with its registry`,
    where: null,
    fix: "write the registry first and all in lower case: registry.example.org/team/app",
  })
}

/**
 * Reads an image's reference. A tag before the digest is left out: only the digest says what the image is.
 *
 * @throws {Fault} `configuration` for one without a digest.
 */
export function parsePinned(reference: string): Pinned {
  const [name = "", digest = ""] = reference.trim().split("@")
  if (/^sha256:[\da-f]{64}$/.test(digest))
    return { ...parseRepository(name.replace(/:[\w.-]+$/, "")), digest }
  throw new Fault("configuration", {
    what: `${JSON.stringify(reference)} has no digest: a tag can move to another image`,
    where: null,
    fix: "use the reference that `image push` prints: registry.example.org/team/app@sha256:…",
  })
}

/** The images of a text, one a line or with commas between them. */
export function parseImages(text: string): readonly Pinned[] {
  const images = text.split(/[\s,]+/).filter(Boolean)
  return images.length > 0 ? images.map(parsePinned) : [parsePinned("")]
}

/** Returns `host/path`, without tag and digest. */
export const repositoryName = ({ host, path }: Repository): string => `${host}/${path}`

/** Returns `host/path@sha256:…`: a reference that always names the same image. */
export const pinnedName = (image: Pinned): string => `${repositoryName(image)}@${image.digest}`
