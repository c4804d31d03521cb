import type { Client } from "../client.js"
import type { Asset, Publication } from "../publication.js"
import type { Found, Remote } from "../steps.js"

/** Where releases are published. One file each, and a word in `platforms.ts`. */
export interface Platform {
  /** As people call it. */
  readonly title: string
  /** Headers of every request. */
  readonly headers: Readonly<Record<string, string>>
  /** The address of the API of a host. */
  readonly api: (host: string) => string
  /** The operations on one repository. @param path `owner/name`. */
  readonly open: (client: Client, api: string, path: string) => Releases
}

/** The releases of one repository. */
export interface Releases {
  /** Returns the commit of a tag; null for a tag that is not there. */
  readonly commitOf: (tag: string) => Promise<string | null>
  /** Returns the release of a tag, or what an earlier run left of it; null for neither. */
  readonly find: (publication: Publication) => Promise<Found | null>
  /** Makes the release, where nobody sees it yet. */
  readonly create: (publication: Publication) => Promise<Found>
  readonly upload: (found: Found, asset: Asset) => Promise<void>
  readonly remove: (remote: Remote) => Promise<void>
  /** Shows the release to everybody, with all files. */
  readonly publish: (publication: Publication, found: Found) => Promise<void>
}
