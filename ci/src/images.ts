/**
 * The one list of images: what Slipway runs, under which name, and how an engine without an image registry
 * makes a stand-in for it from package mirrors.
 */
import type { Image } from "./images/recipe.js"
import { RUNTIMES } from "./images/runtimes.js"
import { TOOLS } from "./images/tools.js"

export type { GoProgram, HostProgram, Image, StandIn } from "./images/recipe.js"

export const IMAGES: readonly Image[] = [...RUNTIMES, ...TOOLS]

/** The image's first entry in the list: where no version is asked for, that one is meant. */
export const imageOf = (name: string): Image | undefined => IMAGES.find((image) => image.name === name)

/** Registries whose names the embedded engine answers to. */
export const REGISTRIES = ["docker.io", "ghcr.io", "mcr.microsoft.com"] as const

/** What a tag ends with where the image is wanted only if its stand-in is made already. */
export const IF_MADE = "-if-made"

/** The image of the list that a repository (of Docker Hub, or with its host before it) and a tag name, or null. */
export function findImage(repository: string, tag: string): Image | null {
  const name = repository.replace(/^library\//, "")
  return IMAGES.find((image) => image.name === name && image.tags.test(tag)) ?? null
}

/** A reference's name, and its tag with any digest, where it has one: `python`, `3.13-slim`. */
export function nameAndTag(reference: string): readonly [name: string, tag: string | undefined] {
  const colon = reference.indexOf(":", reference.lastIndexOf("/") + 1)
  return colon === -1 ? [reference, undefined] : [reference.slice(0, colon), reference.slice(colon + 1)]
}

/** A name of another registry than Docker Hub begins with its host. */
const ELSEWHERE = /^(?:localhost|[^/]*[.:][^/]*)\//

/** An image's path in its registry: Docker Hub's official ones lie under `library/`. */
export function repositoryOf({ name }: Image): string {
  if (ELSEWHERE.test(name)) return name.replace(ELSEWHERE, "")
  return name.includes("/") ? name : `library/${name}`
}

/** Where a site gets its images from instead of Docker Hub. */
export interface ImageSource {
  /** Put before every name: `registry.example.org/hub`. */
  readonly prefix: string | null
  /** A whole reference for a name, before all else. */
  readonly overrides: Readonly<Record<string, string>>
}

/**
 * The reference of an image to run.
 *
 * @param tag another tag than the list's own, for a version that the project asks for.
 */
export function imageReference(name: string, source: ImageSource, tag?: string): string {
  const known = imageOf(name)
  const reference = `${name}:${tag ?? known?.tag ?? "latest"}`
  const moved = source.prefix !== null && !ELSEWHERE.test(name)
  return source.overrides[name] ?? (moved ? `${source.prefix}/${reference}` : reference)
}
