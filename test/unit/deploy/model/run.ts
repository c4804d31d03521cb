/** One run of a request in the model: it takes the lease, and runs the machine as run/machine.ts does. */
import { closed } from "../../../../modules/deploy/program/core/close.ts"
import { decide } from "../../../../modules/deploy/program/core/decide.ts"
import { endOf } from "../../../../modules/deploy/program/core/ends.ts"
import { Fault } from "../../../../modules/deploy/program/core/fault.ts"
import { type Change, fold, type Journal, noted } from "../../../../modules/deploy/program/core/journal.ts"
import { leaseDecision } from "../../../../modules/deploy/program/core/lease-rule.ts"
import { leaving } from "../../../../modules/deploy/program/core/leaving.ts"
import { inflightOf, type Ledger } from "../../../../modules/deploy/program/core/ledger.ts"
import { type End, end, LeaseLost } from "../../../../modules/deploy/program/core/outcome.ts"
import type { Request } from "../../../../modules/deploy/program/core/request.ts"
import type { Last, Seen, ServiceNow } from "../../../../modules/deploy/program/core/seen.ts"
import type { Dice, Odds } from "./dice.ts"
import { newestIn } from "./promises.ts"
import { step } from "./steps.ts"
import { leaseOf, SECOND, type World } from "./world.ts"

/** What takes time: it yields milliseconds to wait. */
export type Course<T> = Generator<number, T>

/** What a run has seen of its world. */
type Observed = Omit<Seen, "now" | "approvers">

/** The run was killed. */
class Killed extends Error {}

const lostReply = () =>
  new Fault("unreachable", "socket hang up", { what: "ECS does not answer", fix: "run again" })

export class Run {
  token = 0
  /** Whether this run passed the gate under its lease, and changed a service. */
  gated = false
  changed = false
  /** What this run last saw wrong, and has not turned back from. */
  private bad: string | null = null
  private tag = -1
  /** What was live, or in flight, when the run began. */
  private leaves: Seen["leaves"] = null
  private asked: number | null = null

  constructor(
    readonly world: World,
    readonly request: Request,
    readonly dice: Dice,
    /** Asked each time: a history calms down. */
    readonly odds: () => Odds,
    private readonly skew: number,
  ) {}

  clock(): number {
    return this.world.now + this.skew
  }

  private point(): void {
    if (this.dice.chance(this.odds().kill)) throw new Killed()
  }

  /** Waits; the process may stand still for longer. */
  *wait(milliseconds: number): Course<void> {
    this.point()
    if (this.token !== 0 && this.dice.chance(this.odds().stall)) {
      this.world.stop(this.token)
      yield (20 + this.dice.below(300)) * SECOND
      this.world.goOn(this.token)
    }
    yield milliseconds
  }

  /** @param written called once the bucket has it, whatever becomes of the run. */
  *save(ledger: Ledger, written: () => void = () => {}): Course<void> {
    yield* this.wait(this.dice.below(3) * SECOND)
    if (this.world.tag !== this.tag) throw new LeaseLost("another run")
    this.world.ledger = ledger
    this.world.tag += 1
    this.tag = this.world.tag
    written()
    this.point()
  }

  *note(set: Change, rest: Partial<Ledger> = {}, written: () => void = () => {}): Course<void> {
    const { ledger } = this.world
    if (ledger.inflight === null) throw new LeaseLost("another run")
    const inflight = noted(ledger.inflight, this.clock(), this.request.run.id, set)
    yield* this.save({ ...ledger, ...rest, inflight }, written)
  }

  journal(): Journal {
    const { inflight } = this.world.ledger
    if (inflight === null) throw new LeaseLost("another run")
    return fold(inflight)
  }

  /** Changes something on the platform, right after it was noted. */
  *effect(act: () => void): Course<void> {
    while (this.dice.chance(this.odds().throttled)) {
      yield* this.wait(5 * SECOND)
      if (this.world.tag !== this.tag) throw new LeaseLost("another run")
    }
    if (this.world.tag !== this.tag) this.world.promises.wrong("a change by a run that lost its lease")
    if (!this.gated) this.world.promises.wrong("a change that passed no gate")
    act()
    this.point()
    if (this.dice.chance(this.odds().lost)) throw lostReply()
  }

  look(): Readonly<Record<string, ServiceNow>> {
    const { rollouts, failed } = this.world
    const all = Object.entries(this.world.live).map(
      ([name, revision]) =>
        [name, { revision, steady: !rollouts.has(name) && !failed.has(revision) }] as const,
    )
    return Object.fromEntries(this.dice.chance(this.odds().partial) ? all.slice(1) : all)
  }

  /** @returns null: the run was killed. */
  *course(): Course<End | null> {
    try {
      this.leaves = leaving(this.world.ledger)
      this.asked = newestIn(this.world.ledger)
      const busy = yield* this.takeLease()
      const ended = busy ?? (yield* this.underLease())
      yield* this.finished(ended)
      this.world.free(this.token)
      return ended
    } catch (error) {
      this.world.stop(this.token)
      if (error instanceof Killed || error instanceof LeaseLost) return null
      throw error
    }
  }

  private *takeLease(): Course<End | null> {
    const { run, release, environment } = this.request
    const latest = this.clock() + environment.leaseWaitMinutes * 60 * SECOND
    let seen = { etag: "", since: 0 }
    for (;;) {
      const { lease, etag } = this.world.lease()
      if (seen.etag !== etag) seen = { etag, since: this.clock() }
      const still = this.clock() - seen.since
      const decision = leaseDecision({ lease, still, renewed: false }, false)
      if (decision.kind === "take") {
        const { token } = decision
        const owner = { name: `${run.id}/${token}`, run, commit: release.commit }
        this.world.take(leaseOf(owner, token), this.skew)
        this.token = token
        this.world.ledger = { ...this.world.ledger, fence: token }
        this.world.tag += 1
        this.tag = this.world.tag
        return null
      }
      if (this.clock() >= latest) return end("refused", "another run still holds the lease")
      yield 20 * SECOND
    }
  }

  /** An error ends the run; what was lost meanwhile decides the words. */
  private *underLease(): Course<End> {
    try {
      return yield* this.machine()
    } catch (error) {
      if (error instanceof Killed) throw error
      return this.world.holds(this.token) ? endOf(error, inflightOf(this.world.ledger)) : lostTo()
    }
  }

  private *machine(): Course<End> {
    const { promises } = this.world
    let seen: Observed = { open: false, passed: new Set(), last: null, services: null, leaves: this.leaves }
    for (let turns = 0; turns < 60; turns += 1) {
      if (!this.world.holds(this.token)) throw new LeaseLost("another run")
      const { ledger } = this.world
      const next = decide(ledger, this.request, { ...seen, now: this.clock(), approvers: [] })
      switch (next.do) {
        case "end":
          return seen.open ? next.end : { ...next.end, resumable: true }
        case "look":
          seen = { ...seen, services: this.look() }
          break
        case "open":
          yield* this.save(next.ledger, () =>
            promises.opens(this.request, { asked: this.asked, ledger }, next.ledger),
          )
          seen = { ...seen, open: true, services: null }
          break
        case "adopt":
          promises.adopts(this.request, this.journal())
          seen = { ...seen, open: true, services: null }
          break
        case "turn":
          promises.turns(next.change)
          yield* this.note(next.change)
          this.bad = null
          seen = { ...seen, last: null, passed: new Set() }
          break
        case "step": {
          const done = yield* step(this, next.step)
          if ("bad" in done) this.bad = done.bad
          const last: Last = "bad" in done ? { bad: done.bad, cause: null, fixes: [] } : done
          seen = { ...seen, last, passed: new Set([...seen.passed, next.step]), services: null }
        }
      }
    }
    throw new Error("the machine does not end")
  }

  /** Checks the words, and closes the release. */
  private *finished(ended: End): Course<void> {
    const { world, request, changed, bad } = this
    if (!world.holds(this.token)) return
    const journal = inflightOf(world.ledger)
    world.promises.ends(ended, { request, journal, changed, bad, live: world.ledger.live }, world.live)
    const whole = world.promises.releaseOf(world.live)
    const over = closed(world.ledger, request, ended, world.live, this.clock())
    if (over === null || journal === null) return
    yield* this.save(over.ledger, () => world.promises.closes(ended, request, journal, over.ledger, whole))
  }
}

const lostTo = (): End => endOf(new LeaseLost("another run"), null)
