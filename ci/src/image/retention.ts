/** A tag of a repository, as it is there. */
export interface Tagged {
  readonly tag: string
  readonly digest: string
  /** When the image was made, as ISO 8601, or null where it does not say. */
  readonly created: string | null
  /** What refers to the image: its signature, its attestations. */
  readonly referrers: readonly string[]
}

/** What stays. */
export interface Retention {
  /** The newest, by count. */
  readonly keep: number
  /** Those that are younger, in days. */
  readonly days: number
  /** Those that something refers to, such as a signature. */
  readonly signed: boolean
  /** Those with a tag that fits this regular expression. */
  readonly tags: string
  /** Digests of those that are deployed. */
  readonly deployed: readonly string[]
  /** Digests of those that other repositories have as well. */
  readonly promoted: readonly string[]
}

/** What is to become of an image, and why. */
export interface Decision {
  readonly digest: string
  readonly tags: readonly string[]
  readonly referrers: readonly string[]
  /** Null for one that goes. */
  readonly keptFor: string | null
  readonly created: string | null
}

const DAY = 24 * 3600 * 1000

/**
 * Decides what of a repository stays, the newest first. It goes by images, not by tags: one that has a tag to be
 * kept stays with all its tags. An image that does not say when it was made counts as the oldest, and stays
 * within `keep` alone; nothing that is in use goes.
 *
 * @param now milliseconds since the epoch.
 */
export function decide(tags: readonly Tagged[], retention: Retention, now: number): readonly Decision[] {
  const release = new RegExp(retention.tags)
  const images = [...new Set(tags.map(({ digest }) => digest))].map((digest) => {
    const own = tags.filter((one) => one.digest === digest)
    return {
      digest,
      tags: own.map(({ tag }) => tag),
      referrers: [...new Set(own.flatMap(({ referrers }) => referrers))],
      created: own[0]?.created ?? null,
    }
  })
  const at = (created: string | null) => (created === null ? 0 : Date.parse(created) || 0)
  return images
    .sort((a, b) => at(b.created) - at(a.created) || a.digest.localeCompare(b.digest, "en"))
    .map((image, place) => {
      const reasons: readonly (readonly [boolean, string])[] = [
        [retention.deployed.includes(image.digest), "deployed"],
        [retention.promoted.includes(image.digest), "promoted"],
        [image.tags.some((tag) => release.test(tag)), "a release"],
        [retention.signed && image.referrers.length > 0, "signed"],
        [place < retention.keep, `among the newest ${retention.keep}`],
        [now - at(image.created) < retention.days * DAY, `younger than ${retention.days} days`],
      ]
      return { ...image, keptFor: reasons.find(([holds]) => holds)?.[1] ?? null }
    })
}

/** The decisions for a person. */
export function decisionsText(decisions: readonly Decision[], applied: boolean): string {
  const gone = decisions.filter(({ keptFor }) => keptFor === null).length
  const fate = applied ? "deleted" : "would go: --apply deletes them"
  const end = gone === 0 ? "none goes" : `${gone} ${fate}`
  return [...decisions.map(line), `${decisions.length - gone} stay, ${end}`].join("\n")
}

const line = ({ digest, tags, keptFor, created }: Decision): string =>
  [
    keptFor === null ? "delete" : "keep  ",
    digest.slice(0, 19),
    created?.slice(0, 10) ?? "no date   ",
    keptFor === null ? tags.join(", ") : `${tags.join(", ")} (${keptFor})`,
  ].join("  ")
