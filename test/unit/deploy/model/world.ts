/** A model of the platform and the bucket: what is live, what runs, and who holds the lease. */
import type { Lease } from "../../../../modules/deploy/program/core/journal.ts"
import { HEARTBEAT_MS, LEASE_MS } from "../../../../modules/deploy/program/core/lease-rule.ts"
import { EMPTY_LEDGER, type Ledger } from "../../../../modules/deploy/program/core/ledger.ts"
import type { Request } from "../../../../modules/deploy/program/core/request.ts"
import type { Dice } from "./dice.ts"
import { Promises } from "./promises.ts"

export const SECOND = 1_000
export const HOUR = 3_600 * SECOND
/** How long the platform knows the token of a task. */
const TOKEN_MS = 24 * HOUR

interface Task {
  readonly token: string
  readonly at: number
  running: boolean
}

/** A deployment that the platform carries out, whoever watches. */
export interface Rollout {
  readonly release: number
  readonly revision: string
  /** What the platform returns to by itself; null: it must not. */
  readonly was: string | null
  /** Whether its tasks do not start. */
  readonly bad: boolean
  /** When it is over; null: it waits for an answer. */
  due: number | null
}

/** Who renews the lease. A process that stands still, or is dead, does not. */
interface Holder {
  readonly lease: Lease
  /** How far the clock of its machine is ahead. */
  readonly skew: number
  since: number
  stopped: number | null
}

/** Returns a lease as a run writes it first. @param owner null: it is free. */
export const leaseOf = (
  owner: { readonly name: string; readonly run: Request["run"]; readonly commit: string } | null,
  token: number,
): Lease => ({
  owner: owner?.name ?? null,
  run: owner === null ? null : { ...owner.run },
  commit: owner?.commit ?? null,
  token,
  expires: 0,
  beat: 0,
  doing: null,
  ledger: true,
})

export class World {
  now = 1_000 * HOUR
  ledger: Ledger = EMPTY_LEDGER
  /** Changes with each write of the ledger. */
  tag = 0
  readonly live: Record<string, string> = { web: "web:0", worker: "worker:0" }
  /** What each service's last completed deployment runs: the platform returns there, not to what was live last. */
  readonly completed: Record<string, string> = { ...this.live }
  readonly tasks: Task[] = []
  readonly rollouts = new Map<string, Rollout>()
  /** Revisions that did not start. */
  readonly failed = new Set<string>()
  readonly promises = new Promises()
  private token = 0
  private holder: Holder | null = null
  private handmade = 0
  /** All revisions that ever ran. */
  private readonly ran = new Set(Object.values(this.live))

  /** Deploys a revision. Nobody but a person may go below the floor. */
  deploy(service: string, revision: string, who: "us" | "platform" | "person", way = "back"): void {
    if (who !== "person") this.promises.keepsFloor(service, revision, who)
    this.live[service] = revision
    this.ran.add(revision)
    this.rollouts.delete(service)
    // A deployment of ours completes later, or never: then what it replaced is what the platform returns to.
    if (way !== "forward") this.completed[service] = revision
  }

  /** What the platform does by itself until now. */
  goes(): void {
    for (const [service, { due, bad, was, revision }] of this.rollouts) {
      if (due === null || due > this.now) continue
      this.rollouts.delete(service)
      if (!bad) this.completed[service] = revision
      if (!bad) continue
      this.failed.add(revision)
      if (was !== null) this.deploy(service, was, "platform")
    }
  }

  /** A person returns a service to something that it ran, or deploys something of their own. */
  meddle(service: string, dice: Dice): void {
    const known = [...this.ran].filter((revision) => revision.startsWith(`${service}:`))
    const chosen = dice.chance(0.7) ? known[dice.below(known.length)] : undefined
    if (chosen === undefined) this.handmade += 1
    this.deploy(service, chosen ?? `${service}:by-hand-${this.handmade}`, "person")
  }

  runTask(token: string): void {
    const known = this.tasks.filter((task) => task.token === token)
    if (known.some(({ at }) => this.now - at < TOKEN_MS)) return
    if (known.length > 0) this.promises.wrong(`migration ${token} ran twice`)
    if (this.tasks.some(({ running }) => running)) this.promises.wrong("two migrations run at once")
    this.tasks.push({ token, at: this.now, running: true })
  }

  /** Passes an answer on, as the platform carries it out. */
  answer(service: string, rollout: Rollout, answer: "continue" | "rollback"): void {
    rollout.due = this.now
    if (answer === "continue") return
    this.failed.add(rollout.revision)
    if (rollout.was === null) this.promises.wrong("told the platform to return where it must not")
    else this.deploy(service, rollout.was, "platform")
  }

  /** Returns the lease as the bucket has it, and its etag. */
  lease(): { readonly lease: Lease | null; readonly etag: string } {
    const { holder, token } = this
    if (holder === null) return { lease: token === 0 ? null : leaseOf(null, token), etag: `${token}/free` }
    const alive = (holder.stopped ?? this.now) - holder.since
    const written = holder.since + Math.floor(alive / HEARTBEAT_MS) * HEARTBEAT_MS
    return {
      lease: { ...holder.lease, expires: written + holder.skew + LEASE_MS },
      etag: `${token}/${written}`,
    }
  }

  take(lease: Lease, skew: number): void {
    if (this.holder?.stopped === null) this.promises.wrong("took the lease of a run that is alive")
    this.holder = { lease, skew, since: this.now, stopped: null }
    this.token = lease.token
  }

  free(token: number): void {
    if (this.token === token) this.holder = null
  }

  /** The process of a run stands still, or has died. */
  stop(token: number): void {
    if (this.token === token && this.holder !== null) this.holder.stopped = this.now
  }

  /** It goes on. @returns whether it still holds the lease. */
  goOn(token: number): boolean {
    if (this.token !== token || this.holder === null) return false
    this.holder.since = this.now
    this.holder.stopped = null
    return true
  }

  holds(token: number): boolean {
    return this.token === token && this.holder !== null
  }

  /** Returns whether a service serves what is wanted, and no deployment of it is open or has failed. */
  serves(service: string, wanted: string): boolean {
    const revision = this.live[service] ?? ""
    return (
      this.promises.contentOf(revision) === wanted &&
      !this.rollouts.has(service) &&
      !this.failed.has(revision)
    )
  }
}
