/**
 * What must hold in every history. Only what happens on the platform counts, never the functions that decide: a fault in
 * them cannot hide itself.
 */
import { inflightOf, type Journal, type Ledger } from "../../../../modules/deploy/program/core/journal.ts"
import type { End } from "../../../../modules/deploy/program/core/outcome.ts"
import type { Request } from "../../../../modules/deploy/program/core/request.ts"

type Live = Readonly<Record<string, string>>

/** Returns the release that a revision was made for; null: by a person. */
export const contentOf = (revision: string): number | null => {
  const number = Number(revision.split(":")[1])
  return Number.isNaN(number) ? null : number
}

const contents = (rolled: Journal["returned"]): readonly number[] =>
  Object.values(rolled).flatMap(({ revision }) => (revision === null ? [] : (contentOf(revision) ?? [])))

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
  /** The release that was last live as a whole, and those that were proven. */
  private good = 0
  private readonly proven = new Set([0])
  private readonly wishes = new Map<number, string>()
  private readonly commits = new Map<number, Request["release"]>()
  /** What runs of rollbacks have restored. */
  private readonly restored = new Map<string, { readonly number: number; readonly content: number }>()
  private readonly answers = new Map<string, string>()
  private readonly answered = new Map<string, string>()
  private applying: string | null = null

  wrong(what: string): void {
    this.broken.push(what)
  }

  contract(number: number): void {
    this.floor = Math.max(this.floor, number)
  }

  keepsFloor(revision: string, who: string): void {
    const content = contentOf(revision)
    if (content !== null && content < this.floor) this.wrong(`${who} took ${revision} below ${this.floor}`)
  }

  /** A request opens a release. */
  opens(request: Request, before: Ledger, after: Ledger): void {
    const journal = inflightOf(after)
    if (journal === null) throw new Error("opened no release")
    this.wishes.set(journal.number, wish(request))
    this.commits.set(journal.number, request.release)
    // Another release in between makes the reviewed plan stale, which is told.
    if (journal.action !== "deploy" || journal.commit !== this.applying) this.applying = null
    if (journal.action === "deploy") this.goesForward(request)
    if (journal.action === "rollback" && request.to === null) this.goesBack(request, before, journal)
  }

  private goesForward({ release }: Request): void {
    const live = this.commits.get(this.good)?.commit
    if (live !== undefined && live !== release.commit && !release.ancestors.includes(live))
      this.wrong("a deployment of an older commit over a newer one")
  }

  /** A rollback without a number never goes forward; its rerun goes nowhere else. */
  private goesBack({ run }: Request, before: Ledger, { returned }: Journal): void {
    const target = Math.max(...contents(returned))
    const inflight = inflightOf(before)
    const once = this.restored.get(run.id)
    if (target > this.good) this.wrong(`a rollback went forward from ${this.good} to ${target}`)
    if (target === this.good && (inflight === null || inflight.action === "migrate") && once === undefined)
      this.wrong(`a rollback of ${this.good} to itself`)
    if (once !== undefined && before.live?.number === once.number && target !== once.content)
      this.wrong(`a rerun of a rollback to ${once.content} went to ${target}`)
  }

  /** A failing release turns back. */
  turns({ returned }: Pick<Journal, "returned">): void {
    const target = Math.max(...contents(returned))
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
      const commits = Object.values(live).map((one) => this.commits.get(contentOf(one) ?? -1)?.commit)
      if (commits.some((commit) => commit !== request.release.commit)) this.wrong(text)
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
    const ours = [journal.number, ...contents(journal.returned)]
    if (whole === null || request.action === "migrate" || !ours.includes(whole)) return
    const stands = outcome === "succeeded" || outcome === "rolled-back"
    if (stands) {
      if (journal.idle.length === 0) this.proven.add(whole)
      const record = ledger.releases.findLast(({ number }) => number === ledger.live?.number)
      const revisions = Object.values(record?.revisions ?? {})
      if (revisions.some((revision) => contentOf(revision) !== whole))
        this.wrong(`the ledger says that release ${record?.number} is live, but ${whole} is`)
      if (request.action === "rollback" && request.to === null)
        this.restored.set(request.run.id, { number: journal.number, content: whole })
    }
    this.good = whole
  }
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
