/** Decides whose approval counts. */
import { allNames, canonical, namesIn, type Person, personWith } from "../../environment/people.ts"
import { duration, short, utc } from "../text.ts"

/** An approval whose origin is verified: by its signature, or because the vendor's API says so. */
export interface Claim {
  /** A name of the approver: as slipway.yaml has it for a key, or the login at the vendor. */
  readonly by: string
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly commit: string
  /** Null where the vendor's approval is of the run, whatever it deploys. */
  readonly environment: string | null
  /** Images by digest; null as for `environment`. */
  readonly images: readonly string[] | null
  /** Where it is from: `signature`, `github environment`, … */
  readonly source: string
  readonly url: string | null
}

/** What an approval must fit. */
export interface Rules {
  readonly commit: string
  readonly environment: string
  readonly images: readonly string[]
  readonly now: number
  /** Start of the release, where a rerun continues one: an approval that counted then still does. */
  readonly begun: number | null
  readonly maxAgeHours: number
  /** Everybody whom slipway.yaml knows. */
  readonly known: readonly Person[]
  /** Who may approve, by any of their names; null: everybody known. */
  readonly people: readonly string[] | null
  /** Who wrote commits of the release or started the run, by any of their names. */
  readonly involved: readonly string[]
  /** End of the last rollout of this commit: approvals from before it are used up. Null: none. */
  readonly used: number | null
}

/** An approval that counts. */
export interface Approver extends Pick<Claim, "at" | "source" | "url"> {
  /** The person, as slipway.yaml names them. */
  readonly name: string
}

/** The approvals of a release that count, and those that do not. */
export interface Counted {
  readonly approvers: readonly Approver[]
  /** Approvals that do not count, each with its reason. */
  readonly ignored: readonly string[]
}

/** How far ahead the clock of an approver may be, in milliseconds. */
const SKEW_MS = 5 * 60_000
const HOUR_MS = 3_600_000

const digestOf = (image: string): string => image.slice(image.lastIndexOf("@") + 1)

const sameImages = (a: readonly string[], b: readonly string[]): boolean => {
  const [one, other] = [a, b].map((images) => [...new Set(images.map(digestOf))].sort().join())
  return one === other
}

/** Returns why an approval is for something else; null if it is for this release. */
function elsewhere(claim: Claim, { commit, environment, images }: Rules): string | null {
  if (claim.commit !== commit) return `for another commit (${short(claim.commit)})`
  if (claim.environment !== null && claim.environment !== environment)
    return `for another environment (${claim.environment})`
  if (claim.images !== null && !sameImages(claim.images, images)) return "for other images"
  return null
}

/** Returns why an approval is from the wrong time; null if it is not. */
function untimely({ at }: Claim, { now, begun, maxAgeHours, used }: Rules): string | null {
  if (!Number.isFinite(at)) return "without a valid time"
  if (at > now + SKEW_MS) return `dated in the future (${utc(at)})`
  const age = Math.min(now, begun ?? now) - at
  if (age > maxAgeHours * HOUR_MS) return `expired: ${duration(age)} old, ${maxAgeHours} h are allowed`
  if (used !== null && at <= used) return `used up by a rollout of this commit that ended at ${utc(used)}`
  return null
}

/** Returns why a person's approval does not count; null if it does. */
function barred(person: Person, { known, people, involved }: Rules): string | null {
  const theirs = (names: ReadonlySet<string>) => [...person.names].some((name) => names.has(name))
  if (theirs(allNames(known, involved))) return "wrote a commit of this release, or started the run"
  if (people !== null && !theirs(allNames(known, people))) return "not among `approvals.people`"
  return null
}

/** Counts the people who approve a release: each once, whatever names and keys they use. */
export function count(claims: readonly Claim[], rules: Rules): Counted {
  const approvers = new Map<string, Approver>()
  const ignored: string[] = []
  for (const claim of claims) {
    const person = personWith(rules.known, namesIn(claim.by))
    const why =
      elsewhere(claim, rules) ??
      untimely(claim, rules) ??
      (person === null
        ? "not among `approvals.identities`, so nobody can tell whether they wrote the release"
        : barred(person, rules))
    if (why !== null || person === null) ignored.push(`${canonical(claim.by)} (${claim.source}): ${why}`)
    else if (!approvers.has(person.name)) {
      const { at, source, url } = claim
      approvers.set(person.name, { name: person.name, at, source, url })
    }
  }
  return { approvers: [...approvers.values()], ignored: [...new Set(ignored)] }
}
