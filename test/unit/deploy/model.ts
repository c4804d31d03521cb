/** A pure model of a platform, on which the machine's decisions are tried: every step is cut into notes and effects. */
import { closed } from "../../../modules/deploy/program/core/close.ts"
import { decide } from "../../../modules/deploy/program/core/decide.ts"
import {
  type Change,
  EMPTY_LEDGER,
  fold,
  inflightOf,
  type Journal,
  type Ledger,
  NOT_ROLLED,
  noted,
} from "../../../modules/deploy/program/core/journal.ts"
import { type End, end } from "../../../modules/deploy/program/core/outcome.ts"
import { mayReturn, placeOf } from "../../../modules/deploy/program/core/release.ts"
import type { Request } from "../../../modules/deploy/program/core/request.ts"
import type { Last, Seen, ServiceNow } from "../../../modules/deploy/program/core/seen.ts"
import type { Done, StepName } from "../../../modules/deploy/program/core/step.ts"

/** A source of chance that can be repeated. */
export interface Dice {
  readonly chance: (probability: number) => boolean
  readonly below: (count: number) => number
}

export function diceOf(seed: number): Dice {
  let state = (seed * 2654435761 + 1) >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
  return { chance: (probability) => next() < probability, below: (count) => Math.floor(next() * count) }
}

interface Task {
  readonly token: string
  running: boolean
}

/** The platform, and what must hold of it. */
export class World {
  ledger: Ledger = EMPTY_LEDGER
  now = 1
  token = 0
  readonly live: Record<string, string> = { web: "web:0", worker: "worker:0" }
  readonly tasks: Task[] = []
  /** The newest release whose contract migration was started. */
  floor = 0
  readonly broken: string[] = []

  wrong(what: string): void {
    this.broken.push(what)
  }

  /** Deploys a revision. Nobody but a person may go below the floor. */
  deploy(service: string, revision: string, who: "us" | "platform" | "person"): void {
    const number = Number(revision.split(":")[1])
    if (who !== "person" && number < this.floor) this.wrong(`${who} took ${revision} below ${this.floor}`)
    this.live[service] = revision
  }

  runTask(token: string): void {
    if (this.tasks.some((task) => task.token === token)) return
    if (this.tasks.some(({ running }) => running)) this.wrong("two migrations run at once")
    this.tasks.push({ token, running: true })
  }
}

/** The run was killed. */
export class Killed extends Error {}
/** Another run has written since. */
class Lost extends Error {}

/** How likely things go wrong. */
export interface Odds {
  readonly kill: number
  readonly bad: number
  /** A person rolls a service back, against all rules. */
  readonly person: number
  /** The migration outlasts the run that waits for it. */
  readonly slow: number
  /** A reply leaves a service out. */
  readonly partial: number
}

/** One run of a request. */
export class Run {
  constructor(
    readonly world: World,
    readonly request: Request,
    readonly dice: Dice,
    readonly odds: Odds,
    readonly token: number,
  ) {}

  private point(): void {
    if (this.dice.chance(this.odds.kill)) throw new Killed()
  }

  save(ledger: Ledger): void {
    this.point()
    if (this.world.ledger.fence !== this.token) throw new Lost()
    this.world.ledger = ledger
    this.point()
  }

  note(set: Change, rest: Partial<Ledger> = {}): void {
    const { ledger } = this.world
    if (ledger.inflight === null) throw new Error("no release is in flight")
    this.save({
      ...ledger,
      ...rest,
      inflight: noted(ledger.inflight, this.world.now, this.request.run.id, set),
    })
  }

  journal(): Journal {
    const { inflight } = this.world.ledger
    if (inflight === null) throw new Error("no release is in flight")
    return fold(inflight)
  }

  effect(act: () => void): void {
    if (this.world.ledger.fence !== this.token) this.world.wrong("a change by a run that lost its lease")
    act()
    this.point()
  }

  look(): Readonly<Record<string, ServiceNow>> {
    const all = Object.entries(this.world.live).map(
      ([name, revision]) => [name, { revision, steady: true }] as const,
    )
    return Object.fromEntries(this.dice.chance(this.odds.partial) ? all.slice(1) : all)
  }

  settle(): Done {
    const { running } = this.world.ledger
    if (running === null || running.number === this.journal().number) return { skipped: "none" }
    const task = this.world.tasks.find(({ token }) => token === running.token)
    if (task?.running && this.dice.chance(this.odds.slow)) return { ended: end("refused", "may still run") }
    if (task) task.running = false
    this.note({}, { running: null })
    return { did: "ended" }
  }

  migration(): Done {
    const { migration } = this.request.environment
    const journal = this.journal()
    if (migration === null) return { skipped: "none" }
    const token = `${journal.number}`
    const state = {
      ...{ phase: migration.phase, token, definition: "d", task: journal.migration?.task ?? null },
      ...{ intent: journal.migration?.intent ?? this.world.now, exitCode: null },
    }
    const running = { number: journal.number, token, task: state.task, container: "m", since: this.world.now }
    this.note({ migration: state }, { running })
    this.effect(() => {
      this.world.runTask(token)
      if (migration.phase === "contract") this.world.floor = Math.max(this.world.floor, journal.number)
    })
    this.note({ migration: { ...state, task: "t" } }, { running: { ...running, task: "t" } })
    if (this.dice.chance(this.odds.slow)) return { ended: end("still-running", "it takes long") }
    for (const task of this.world.tasks) if (task.token === token) task.running = false
    const exitCode = this.dice.chance(this.odds.bad) ? 1 : 0
    this.note(
      { migration: { ...state, task: "t", exitCode }, done: [...journal.done, "migration"] },
      { running: null },
    )
    return exitCode === 0 ? { did: "applied" } : { ended: end("failed", "the migration failed") }
  }

  rollout(): Done {
    for (const name of Object.keys(this.journal().services)) {
      const rolled = this.journal().services[name] ?? NOT_ROLLED
      if (rolled.deployment !== null) continue
      const { number, before } = this.journal()
      const revision = `${name}:${number}`
      this.note({ services: { [name]: { ...rolled, revision, intent: this.world.now } } })
      const returns = mayReturn(this.world.ledger, before)
      this.effect(() => this.world.deploy(name, revision, "us"))
      this.note({ services: { [name]: { ...rolled, revision, intent: this.world.now, deployment: "d" } } })
      const was = before[name]?.revision
      if (was !== undefined && this.dice.chance(this.odds.person)) {
        this.world.deploy(name, was, "person")
        return { bad: `${name} was rolled back by someone` }
      }
      if (this.dice.chance(this.odds.bad)) {
        if (returns && was !== undefined) this.world.deploy(name, was, "platform")
        return { bad: `${name} did not start` }
      }
    }
    return this.proven()
  }

  /** Returns whether all services run what the release means. */
  proven(): Done {
    const { services } = this.journal()
    const wrong = Object.entries(services).find(([name, { revision }]) => this.world.live[name] !== revision)
    if (wrong) return { bad: `${wrong[0]} runs something else` }
    return this.dice.chance(this.odds.bad / 4) ? { bad: "unhealthy" } : { did: "live" }
  }

  back(): Done {
    for (const [name, rolled] of Object.entries(this.journal().returned)) {
      const { revision } = rolled
      if (revision === null || this.world.live[name] === revision) continue
      this.note({ returned: { [name]: { ...rolled, intent: this.world.now } } })
      this.effect(() => this.world.deploy(name, revision, "us"))
      if (this.dice.chance(this.odds.bad / 4)) return { bad: `${name} did not start again` }
    }
    return { did: "back" }
  }

  step(name: StepName): Done {
    if (name === "gate") return { did: "allowed" }
    const journal = this.journal()
    if (journal.done.includes(name)) return { skipped: "done" }
    switch (name) {
      case "settle":
        return this.settle()
      case "migration":
        return this.migration()
      case "rollout":
        return this.rollout()
      case "health":
      case "bake":
        return this.proven()
      case "back":
        return this.back()
      case "terraform":
        this.note({ applying: true })
        this.note({ done: [...journal.done, name] })
        return { did: "applied" }
      default:
        this.point()
        return { did: "fine" }
    }
  }

  /** Takes the lease, and runs the machine as run/machine.ts does. @returns null: killed, or the lease was lost. */
  run(): End | null {
    try {
      this.world.ledger = { ...this.world.ledger, fence: this.token }
      return this.finished(this.machine())
    } catch (error) {
      if (error instanceof Killed || error instanceof Lost) return null
      throw error
    }
  }

  private machine(): End {
    let seen: Seen = {
      now: this.world.now,
      open: false,
      passed: new Set(),
      last: null,
      services: null,
      approvers: [],
    }
    for (let turns = 0; turns < 60; turns += 1) {
      this.world.now += 1
      const next = decide(this.world.ledger, this.request, { ...seen, now: this.world.now })
      switch (next.do) {
        case "end":
          return seen.open ? next.end : { ...next.end, resumable: true }
        case "look":
          seen = { ...seen, services: this.look() }
          break
        case "open":
          this.forward(next.ledger)
          this.save(next.ledger)
          seen = { ...seen, open: true, services: null }
          break
        case "adopt":
          seen = { ...seen, open: true, services: null }
          break
        case "turn":
          this.note(next.change)
          seen = { ...seen, last: null, passed: new Set() }
          break
        case "step": {
          const done = this.step(next.step)
          const last: Last = "bad" in done ? { bad: done.bad, cause: null, fixes: [] } : done
          seen = { ...seen, last, passed: new Set([...seen.passed, next.step]), services: null }
        }
      }
    }
    throw new Error("the machine does not end")
  }

  /** A rollback without a number never goes forward. */
  private forward(after: Ledger): void {
    const { live, releases } = this.world.ledger
    const target = inflightOf(after)?.back
    const record = releases.find(({ number }) => number === live?.number)
    const to = releases.find(({ number }) => number === target?.to)
    if (this.request.to !== null || !target || !record || !to) return
    if (placeOf(this.world.ledger, to) > placeOf(this.world.ledger, record))
      this.world.wrong("a rollback went forward")
  }

  /** Checks the words, and closes the release. */
  private finished(ended: End): End {
    const journal = inflightOf(this.world.ledger)
    if (journal !== null && !ended.resumable) this.checkWords(ended, journal)
    const over = closed(this.world.ledger, this.request, ended, this.world.live, this.world.now)
    if (over !== null) this.save(over.ledger)
    return ended
  }

  private checkWords({ outcome, what }: End, { services, returned, back }: Journal): void {
    const runs = (all: Journal["services"]) =>
      Object.entries(all).every(([name, { revision }]) => this.world.live[name] === revision)
    const meant = back === null ? services : returned
    if (
      (outcome === "succeeded" || outcome === "rolled-back") &&
      this.request.action !== "migrate" &&
      !runs(meant)
    )
      this.world.wrong(`"${what}", but the services run ${Object.values(this.world.live).join(", ")}`)
    const begun = Object.entries(services).filter(([, { intent }]) => intent !== null)
    const gone = begun.some(([name, { revision }]) => this.world.live[name] !== revision)
    if (/was not rolled back/.test(what) && gone && back === null) this.world.wrong(`"${what}", but it was`)
  }
}
