import { github } from "./github.js"
import { gitlab } from "./gitlab.js"
import type { Platform } from "./platform.js"

/** All platforms, by the name that `--publish` takes. */
export const PLATFORMS: Readonly<Record<string, Platform>> = { github, gitlab }

/** A repository at a platform. */
export interface Place {
  readonly host: string
  /** `owner/name` */
  readonly path: string
}

/** Addresses as git has them: `https://host/owner/name.git`, `ssh://git@host/owner/name`, `git@host:owner/name.git`. */
const ADDRESSES = [
  /^(?:https?|ssh):\/\/(?:[^/@]*@)?(?<host>[^/:]+)(?::\d+)?\/(?<path>.+?)(?:\.git)?\/?$/,
  /^(?:[^/@:]+@)(?<host>[^/:]+):(?<path>.+?)(?:\.git)?\/?$/,
]

/** Returns the place of a git address; null for a folder, or an address of another form. */
export function placeOf(address: string): Place | null {
  const { host, path } = ADDRESSES.map((form) => form.exec(address)?.groups).find(Boolean) ?? {}
  return host && path ? { host, path } : null
}
