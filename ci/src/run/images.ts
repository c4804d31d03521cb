/** An image that stages run on. The room or tool that runs it exports it. */
export interface Image {
  /** The name on Docker Hub without `library/`; on another registry, with that registry's host. */
  readonly name: string
  /** The tag that runs where no other is asked for. */
  readonly tag: string
}

/** Runs the project's own tools, and Slipway's scripts. A project that asks for another Node.js gets another tag. */
export const NODE: Image = { name: "node", tag: "22-bookworm-slim" }

/** Where a site gets its images instead of Docker Hub. */
export interface ImageSource {
  /** Put before every name of Docker Hub: `registry.example.org/hub`. */
  readonly prefix: string | null
  /** Whole references by the name of an image. They outrank the prefix. */
  readonly overrides: Readonly<Record<string, string>>
}

/** Matches the names of registries other than Docker Hub: they begin with a host. */
const ELSEWHERE = /^(?:localhost|[^/]*[.:][^/]*)\//

/** Returns the image of a reference such as `python:3.13-slim`. Without a tag it is `latest`; a digest stays in the tag. */
export function parseImage(reference: string): Image {
  const colon = reference.indexOf(":", reference.lastIndexOf("/") + 1)
  return colon === -1
    ? { name: reference, tag: "latest" }
    : { name: reference.slice(0, colon), tag: reference.slice(colon + 1) }
}

/**
 * Returns the reference to pull an image by.
 *
 * @param tag for another version than the image's own.
 */
export function imageReference({ name, tag: own }: Image, source: ImageSource, tag = own): string {
  const reference = `${name}:${tag}`
  const moved = source.prefix !== null && !ELSEWHERE.test(name)
  return source.overrides[name] ?? (moved ? `${source.prefix}/${reference}` : reference)
}

/** Returns the host of an image's registry; null for Docker Hub. */
export const registryOf = ({ name }: Pick<Image, "name">): string | null =>
  ELSEWHERE.exec(name)?.[0].slice(0, -1) ?? null

/** Returns the path of an image in its registry: `library/node`. Docker Hub keeps its official images under `library/`. */
export function repositoryOf({ name }: Pick<Image, "name">): string {
  if (ELSEWHERE.test(name)) return name.replace(ELSEWHERE, "")
  return name.includes("/") ? name : `library/${name}`
}
