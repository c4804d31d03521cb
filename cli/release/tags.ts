import semver from "semver"
import { git } from "../../engine/host/git.js"

/** Returns whether a version is a pre-release, such as `1.0.0-rc.1`. */
export const isPre = (version: string): boolean => semver.prerelease(version) !== null

/** Versions of tags, highest first. @param filter options of `git tag`. */
export function versions(app: string, prefix: string, ...filter: readonly string[]): readonly string[] {
  const names = git(app, "tag", "--list", ...filter)?.split("\n") ?? []
  const own = names.flatMap((name) =>
    name.startsWith(prefix) ? (semver.valid(name.slice(prefix.length)) ?? []) : [],
  )
  return semver.rsort([...own])
}

/** Returns the notes that `release --tag` wrote into a tag, without their title; null for a tag without a message. */
export function tagNotes(app: string, tag: string): string | null {
  const format = "--format=%(objecttype)%0a%(contents:subject)%0a%0a%(contents:body)"
  const [type, ...lines] = git(app, "for-each-ref", format, `refs/tags/${tag}`)?.split("\n") ?? []
  const notes = lines.join("\n").replace(/^## .*\n+/, "")
  return type === "tag" ? notes.trim() : null
}
