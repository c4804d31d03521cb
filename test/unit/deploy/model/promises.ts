/**
 * What must hold in every history. Only what happens on the platform counts, never the functions that decide: a fault in
 * them cannot hide itself.
 */
import { isDeepStrictEqual } from "node:util"
import type { Journal } from "../../../../modules/deploy/program/core/journal.ts"
import { inflightOf, type Ledger } from "../../../../modules/deploy/program/core/ledger.ts"
import type { End } from "../../../../modules/deploy/program/core/outcome.ts"
import type { Request } from "../../../../modules/deploy/program/core/request.ts"

type Live = Readonly<Record<string, string>>

/** Returns the release that a revision was made for; null: by a person. */
const madeFor = (revision: string): number | null => {
  const number = Number(revision.split(":")[1])
  return Number.isNaN(number) ? null : number
}

const setOf = (rolled: Journal["returned"]): Live =>
  Object.fromEntries(
    Object.entries(rolled).flatMap(([name, { revision }]) => (revision === null ? [] : [[name, revision]])),
  )

/** Returns what a request deploys as a service: image and flags. */
export const wantedOf = ({ release, environment }: Request, name: string): string => {
  const service = environment.services.find((one) => one.name === name)
  return JSON.stringify([release.images[service?.image ?? ""], environment.featureFlags])
}

/** What a request asks for, whoever runs it and however often. */
const wishOf = ({ action, to, release, environment }: Request): string =>
  JSON.stringify([action, to, action === "rollback" ? "" : release.commit, environment])

const WISHES = new WeakMap<Request, string>()
function wish(request: Request): string {
  const known = WISHES.get(request) ?? wishOf(request)
  WISHES.set(request, known)
  return known
}

export class Promises {
  readonly broken: string[] = []
  /** The newest release whose contract migration was started. */
  private floor = 0
  /** What the services of each release run, and what each revision has been made from. */
  private readonly sets = new Map<number, Live>()
  private readonly made = new Map<string, string>()
  /** The release that was last live as a whole, its commit, and those that were proven: of those alike, the first. */
  private good = 0
  private goodCommit: string | null = null
  private readonly proven = new Set([0])
  private readonly wishes = new Map<number, string>()
  private readonly commits = new Map<number, Request["release"]>()
  /** What runs of rollbacks have restored. */
  private readonly restored = new Map<string, { readonly number: number; readonly content: number }>()
  /** Runs that have begun a rollback: their reruns go no further back, whatever became of it. */
  private readonly begun = new Set<string>()
  private readonly answers = new Map<string, string>()
  private readonly answered = new Map<string, string>()
  private applying: string | null = null

  wrong(what: string): void {
    this.broken.push(what)
  }

  contract(number: number): void {
    this.floor = Math.max(this.floor, number)
  }

  keepsFloor(service: string, revision: string, who: string): void {
    const known = [...this.sets].flatMap(([number, set]) => (set[service] === revision ? [number] : []))
    const newest = Math.max(madeFor(revision) ?? Number.POSITIVE_INFINITY, ...known)
    if (newest < this.floor) this.wrong(`${who} took ${revision} below ${this.floor}`)
  }

  /** A service of a release runs a revision: it was made for the release, or stays. */
  runs(request: Request, { number }: Journal, service: string, revision: string): void {
    const made = this.made.get(revision) ?? wantedOf(request, service)
    if (made !== wantedOf(request, service)) this.wrong(`release ${number} keeps ${revision}, which differs`)
    this.made.set(revision, made)
    this.sets.set(number, { ...this.sets.get(number), [service]: revision })
  }

  /** Returns what a revision was made from; null: we did not make it. */
  contentOf(revision: string): string | null {
    return this.made.get(revision) ?? null
  }

  /** Returns the first release whose services run just this; null: none, or something of a person. */
  releaseOf(live: Live): number | null {
    const alike = [...this.sets].flatMap(([number, set]) => (isDeepStrictEqual(set, live) ? [number] : []))
    return alike.length === 0 ? null : Math.min(...alike)
  }

  private targetOf({ returned }: Pick<Journal, "returned">): number {
    return this.releaseOf(setOf(returned)) ?? Number.NEGATIVE_INFINITY
  }

  /** A request opens a release. */
  opens(request: Request, { asked, ledger: before }: Before, after: Ledger): void {
    const journal = inflightOf(after)
    if (journal === null) throw new Error("opened no release")
    this.wishes.set(journal.number, wish(request))
    this.commits.set(journal.number, request.release)
    const [first] = after.releases
    if (first?.number === 0) this.sets.set(0, first.revisions)
    // Another release in between makes the reviewed plan stale, which is told.
    if (journal.action !== "deploy" || journal.commit !== this.applying) this.applying = null
    if (journal.action === "deploy") this.goesForward(request)
    if (journal.action === "rollback" && request.to === null)
      this.goesBack(request, { asked, ledger: before }, journal)
  }

  private goesForward({ release }: Request): void {
    const live = this.goodCommit
    if (live !== null && live !== release.commit && !release.ancestors.includes(live))
      this.wrong("a deployment of an older commit over a newer one")
  }

  /** A rollback without a number never goes forward; its rerun goes nowhere else. */
  private goesBack({ run }: Request, { asked, ledger: before }: Before, journal: Journal): void {
    const target = this.targetOf(journal)
    const inflight = inflightOf(before)
    const once = this.restored.get(run.id)
    if (target > this.good) this.wrong(`a rollback went forward from ${this.good} to ${target}`)
    const first = once === undefined && !this.begun.has(run.id)
    this.begun.add(run.id)
    if (first && newestIn(before) !== asked)
      this.wrong(`a rollback of ${asked} left ${newestIn(before)}, which became live while it waited`)
    if (target === this.good && (inflight === null || inflight.action === "migrate") && first)
      this.wrong(`a rollback of ${this.good} to itself`)
    if (once !== undefined && before.live?.number === once.number && target !== once.content)
      this.wrong(`a rerun of a rollback to ${once.content} went to ${target}`)
  }

  /** A failing release turns back. */
  turns(change: Pick<Journal, "returned">): void {
    const target = this.targetOf(change)
    if (target > this.good) this.wrong(`the way back went forward from ${this.good} to ${target}`)
    if (!this.proven.has(target)) this.wrong(`the way back went to ${target}, which was never proven`)
  }

  adopts(request: Request, { number }: Journal): void {
    if (this.wishes.get(number) !== wish(request)) this.wrong(`release ${number} was adopted by another wish`)
  }

  answer(question: string, answer: string, run: string, named: boolean): void {
    const known = this.answers.get(question)
    if (known !== undefined && known !== answer) this.wrong(`two answers to question ${question}`)
    this.answers.set(question, answer)
    const other = this.answered.get(run)
    if (known === undefined && !named && other !== undefined && other !== question)
      this.wrong("one answer for two questions")
    if (known === undefined) this.answered.set(run, question)
  }

  /** Terraform starts: a rerun must know whether the plan may be applied already. */
  applies(commit: string, again: boolean): void {
    if (this.applying === commit && !again) this.wrong("Terraform applied a plan twice without knowing")
    this.applying = commit
  }

  applied(): void {
    this.applying = null
  }

  /** A run ends. The words must equal what is live. */
  ends(ended: End, { request, journal, changed, bad, ...there }: Ending, live: Live): void {
    const { outcome, what } = ended
    const stands = outcome === "succeeded" || outcome === "rolled-back"
    const text = `"${what}", but the services run ${Object.values(live).join(", ")}`
    if (stands && bad !== null) this.wrong(`"${what}", but ${bad}`)
    const once = this.restored.get(request.run.id)
    const stood = once !== undefined && once.number === there.live?.number
    if (request.action === "rollback" && stood && outcome === "refused" && !/contract migration/.test(what))
      this.wrong(`a rerun of a rollback that stands is refused: "${what}"`)
    if (changed && /no service was changed|nothing was (changed|deployed)/.test(what)) this.wrong(text)
    if (outcome === "succeeded" && request.action === "deploy") {
      const all = Object.entries(live).every(([name, one]) => this.made.get(one) === wantedOf(request, name))
      if (!all) this.wrong(text)
    }
    if (journal === null || ended.resumable) return
    const { services, returned, back, action } = journal
    const meant = back === null ? services : returned
    const runs = Object.entries(meant).every(([name, { revision }]) => live[name] === revision)
    if (stands && action !== "migrate" && !runs) this.wrong(text)
    const gone = Object.entries(services).some(
      ([name, { revision, intent }]) => intent !== null && live[name] !== revision,
    )
    if (/was not rolled back/.test(what) && gone && back === null) this.wrong(text)
  }

  /** A release is closed. */
  closes(
    { outcome, resumable }: End,
    request: Request,
    journal: Journal,
    ledger: Ledger,
    whole: number | null,
  ): void {
    if (resumable) this.wrong(`closed what goes on: ${outcome}`)
    if (inflightOf(ledger) !== null) this.wrong("a closed release is still in flight")
    // What a person has put together is no release of ours.
    const own = this.releaseOf(this.sets.get(journal.number) ?? {})
    if (whole === null || request.action === "migrate") return
    if (whole !== own && whole !== this.targetOf(journal)) return
    const stands = outcome === "succeeded" || outcome === "rolled-back"
    if (stands) {
      if (journal.idle.length === 0) this.proven.add(whole)
      const record = ledger.releases.findLast(({ number }) => number === ledger.live?.number)
      if (this.releaseOf(record?.revisions ?? {}) !== whole)
        this.wrong(`the ledger says that release ${record?.number} is live, but ${whole} is`)
      if (request.action === "rollback" && request.to === null)
        this.restored.set(request.run.id, { number: journal.number, content: whole })
    }
    this.good = whole
    this.goodCommit = this.commits.get(whole === own ? journal.number : whole)?.commit ?? null
  }
}

/** What was there before a release. */
interface Before {
  /** What {@link newestIn} was when the run began, before it waited. */
  readonly asked: number | null
  readonly ledger: Ledger
}

/** Returns the release that is being deployed, or else the live one; null: none. */
export const newestIn = (ledger: Ledger): number | null => {
  const inflight = inflightOf(ledger)
  return inflight !== null && inflight.action === "deploy" ? inflight.number : (ledger.live?.number ?? null)
}

interface Ending {
  readonly request: Request
  /** The release of the run, where it has one. */
  readonly journal: Journal | null
  /** Whether this run changed a service. */
  readonly changed: boolean
  /** What it saw wrong, and has not turned back from. */
  readonly bad: string | null
  /** The live release as the ledger has it. */
  readonly live: Ledger["live"]
}
