/** Rebuilds a ledger from an earlier version and the files of its releases. */
import { EMPTY_LEDGER, type Ledger, type ReleaseRecord, withRelease } from "./ledger.ts"
import { releaseOf } from "./release.ts"
import { listed, plural, releaseText, utc } from "./text.ts"

/** What the bucket and ECS still have. */
export interface Remains {
  /** The newest version that can be read, or null. */
  readonly version: { readonly ledger: Ledger; readonly at: number } | null
  /** Files of releases, by number. */
  readonly files: readonly ReleaseRecord[]
  /** The lease: its token, and whether a run held it. */
  readonly token: number
  readonly held: boolean
  /** The revision of each service, and the newest release that made one of them. */
  readonly running: Readonly<Record<string, string>>
  readonly tagged: number
}

/** A ledger that was made again from what else is in the bucket. */
export interface Rebuilt {
  readonly ledger: Ledger
  /** What it was made from. */
  readonly from: string
  /** What is lost, one line for each. */
  readonly lost: readonly string[]
}

type Live = NonNullable<Ledger["live"]>

/** Returns what a finished release made live; null: nothing. */
function madeLive({ outcome, action, number, commit, to, ended }: ReleaseRecord, all: Ledger): Live | null {
  if (outcome === "succeeded" && action !== "migrate") return { number, commit, since: ended }
  const target = outcome === "rolled-back" ? releaseOf(all, to ?? undefined) : undefined
  return target === undefined ? null : { number: target.number, commit: target.commit, since: ended }
}

const withFile = (ledger: Ledger, record: ReleaseRecord): Ledger => {
  const live = madeLive(record, ledger) ?? ledger.live
  const inflight = ledger.inflight?.opened.number === record.number ? null : ledger.inflight
  return { ...withRelease({ ...ledger, live }, record), live, inflight, next: record.number + 1 }
}

/** Returns whether the services run what a release made. */
const runs = (running: Remains["running"], { revisions }: ReleaseRecord): boolean =>
  Object.keys(revisions).length > 0 &&
  Object.entries(revisions).every(([service, revision]) => running[service] === revision)

/** Rebuilds a ledger. The earlier version is the best source; files of later releases are added. */
export function rebuilt({ version, files, token, held, running, tagged }: Remains): Rebuilt {
  const start = version?.ledger ?? EMPTY_LEDGER
  const later = files.filter(({ number }) => number >= start.next)
  const added = later.reduce(withFile, start)
  const last = Math.max(added.next - 1, tagged, version === null && later.length === 0 ? token : 0)
  const known = new Set([...later.map(({ number }) => number), start.inflight?.opened.number])
  const gaps = numbersBetween(start.next, last).filter((number) => !known.has(number))
  const live = releaseOf(added, added.live?.number)
  const sure = live !== undefined && runs(running, live)
  const actual = sure ? live : added.releases.findLast((one) => one.proven && runs(running, one))
  const unseen = version === null && (held || files.length === 0)
  const ledger: Ledger = {
    ...added,
    fence: Math.max(added.fence, token),
    next: last + 1 + (unseen ? 1 : 0),
    live: liveOf(added.live, actual, version !== null),
    // What a lost release changed is unknown: nothing returns below it.
    floor: Math.max(added.floor, ...gaps, unseen ? last + 1 : 0),
  }
  return { ledger, from: sourceOf(version, later), lost: lostOf({ version, later, gaps, ledger, unseen }) }
}

function liveOf(before: Ledger["live"], actual: ReleaseRecord | undefined, kept: boolean): Ledger["live"] {
  if (actual === undefined) return kept ? before : null
  return before?.number === actual.number
    ? before
    : { number: actual.number, commit: actual.commit, since: actual.ended }
}

const numbersBetween = (first: number, last: number): readonly number[] =>
  Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index)

function sourceOf(version: Remains["version"], later: readonly ReleaseRecord[]): string {
  const files = later.length === 0 ? [] : [`${plural(later.length, "file")} of releases`]
  return listed([...(version === null ? [] : [`its version of ${utc(version.at)}`]), ...files])
}

interface Loss {
  readonly version: Remains["version"]
  readonly later: readonly ReleaseRecord[]
  readonly gaps: readonly number[]
  readonly ledger: Ledger
  readonly unseen: boolean
}

function lostOf({ version, later, gaps, ledger, unseen }: Loss): readonly string[] {
  const { live, floor } = ledger
  return [
    ...(version === null ? [] : [`what was noted after ${utc(version.at)}, if anything was`]),
    ...(version === null && later.length === 0
      ? ["all releases: the bucket has no version and no file of them"]
      : []),
    ...(gaps.length === 0 ? [] : [`${plural(gaps.length, "release")} without a file: ${gaps.join(", ")}`]),
    ...(unseen ? ["the release in flight, if there was one: a migration or a rollout of it may go on"] : []),
    ...(live === null ? ["which release is live: none that is known runs in all services"] : []),
    ...(version === null && floor > 0
      ? [
          `whether a contract migration ran: nothing returns below release ${floor}, until a newer one is proven good`,
        ]
      : []),
  ]
}

/** Names the live release. */
export const liveText = ({ live }: Ledger): string =>
  live === null ? "no release is known to be live" : `${releaseText(live.number, live.commit)} is live`
