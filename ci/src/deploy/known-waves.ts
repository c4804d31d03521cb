/** What the status of an environment tells of the release that goes over waves. */
import type { Pinned } from "../image/reference.js"
import type { Result } from "./client.js"
import { REFUSED, type Seen, UNSEEN } from "./waves.js"

/** A revision that runs; null: of no release in the ledger. */
interface Running {
  readonly commit: string | null
}

interface Service extends Running {
  readonly desired: number
  readonly besides: readonly Running[]
}

/** What of a deployer's result counts here. */
export interface Known extends Pick<Result, "recorded" | "inflight" | "last"> {
  readonly live: { readonly unknown: string } | { readonly services: readonly Service[] }
}

/** What goes over the waves. */
export interface WaveRelease {
  /** The key of `waves`. */
  readonly name: string
  readonly commit: string
  readonly images: readonly Pick<Pinned, "digest">[]
}

const servicesOf = ({ live }: Known): readonly Service[] => ("services" in live ? live.services : [])

/** Returns whether each service has a desired count of 0: nothing shows then that a release works. Unknown services are none. */
const isIdle = (status: Known): boolean => servicesOf(status).every(({ desired }) => desired === 0)

/**
 * Returns since when a release is live and proven good; null: it is not. A service that ECS is just scaling, or whose task
 * is replaced, runs it all the same: its health is looked at apart.
 */
export function liveSince(status: Known, { commit, images }: WaveRelease): number | null {
  const { recorded } = status
  if (recorded === null || !recorded.proven || recorded.commit !== commit || isIdle(status)) return null
  const digests = new Set(images.map(({ digest }) => digest))
  const same = Object.values(recorded.images).every((image) =>
    digests.has(image.slice(image.indexOf("@") + 1)),
  )
  return same && servicesOf(status).every((service) => service.commit === commit) ? recorded.since : null
}

/** Returns whether a commit is on its way. */
export const isUnderWay = ({ inflight }: Known, commit: string): boolean =>
  inflight?.action === "deploy" && inflight.commit === commit

/** Returns whether anything of a commit is live, or on its way. */
export const isThere = (status: Known, commit: string): boolean =>
  status.recorded?.commit === commit ||
  isUnderWay(status, commit) ||
  servicesOf(status).some((one) => [one, ...one.besides].some((running) => running.commit === commit))

const SUPERSEDED = 42

/** Returns the exit code where a release that was live and proven good is not any more. */
export const goneCode = (status: Known, { commit }: WaveRelease): number =>
  isIdle(status) && status.recorded?.commit === commit ? REFUSED : SUPERSEDED

/** Returns whether a rollback found that others had taken the release back: it is not there any more. */
export const leftByOthers = (result: Known & { readonly exitCode: number }, commit: string): boolean =>
  result.exitCode === SUPERSEDED && !isThere(result, commit)

/** Returns whether an environment went back by a run. */
export const wentBack = ({ last }: Known, run: string): boolean =>
  last?.action === "rollback" && last.outcome === "succeeded" && last.run === run

/**
 * Returns what the ledger of an environment tells of a release at the start of a run.
 *
 * @param wayBack the ID of the run by which these waves return.
 */
export function known(status: Known, release: WaveRelease, wayBack: string): Seen {
  const since = liveSince(status, release)
  const { inflight } = status
  return {
    ...UNSEEN,
    since,
    returning: inflight?.action === "rollback" && inflight.run === wayBack,
    back: since === null && wentBack(status, wayBack) ? 0 : null,
  }
}
