/** Takes one release over waves of environments. Their own ledgers are the truth: there is no other state. */
import type { Pinned } from "../image/reference.js"
import type { Result } from "./client.js"
import type { Action } from "./request.js"
import { nextOf, type Seen, UNSEEN, type Waves, type WavesSeen, worst } from "./waves.js"

/** Does what a call asks for in all environments of its waves. */
export async function overWaves(
  waves: Waves,
  { action, ...release }: WaveRelease & { readonly action: Action },
  around: Around,
): Promise<Ended> {
  if (action === "deploy") return inWaves(waves, release, around)
  const done = await allOf(waves.order.flat(), (name) => around.run(name, action))
  return {
    exitCode: worst(done.map(([, { exitCode }]) => exitCode)),
    text: done.map(([name, { text }]) => titled(name, text)).join("\n\n"),
  }
}

/** Works in several environments at once. An error in one is thrown once all have ended: none is left unwatched. */
async function allOf<T>(names: readonly string[], work: (name: string) => Promise<T>) {
  const ends = await Promise.allSettled(names.map(async (name) => [name, await work(name)] as const))
  return ends.map((end) => {
    if (end.status === "rejected") throw end.reason
    return end.value
  })
}

/** What goes over the waves. */
export interface WaveRelease {
  /** The key of `waves`. */
  readonly name: string
  readonly commit: string
  readonly images: readonly Pick<Pinned, "digest">[]
}

/** The world around a run. */
export interface Around {
  /** Runs an action in the deployer of an environment. */
  readonly run: (environment: string, action: Action) => Promise<Known & Ended>
  /** ID of the run, as the ledgers have it. */
  readonly id: string
  readonly now: () => number
  readonly sleep: (milliseconds: number) => Promise<void>
  readonly show: (line: string) => void
}

type Known = Pick<Result, "proven" | "last">

interface Ended {
  readonly exitCode: number
  readonly text: string
}

/** Exit code where another release took the place of this one. */
const SUPERSEDED = 42

/** Returns since when a release is live and proven good, by the status of an environment; null: it is not. */
function liveSince({ proven }: Pick<Known, "proven">, { commit, images }: WaveRelease): number | null {
  if (proven === null || proven.commit !== commit) return null
  const digests = new Set(images.map(({ digest }) => digest))
  const same = Object.values(proven.images).every((image) => digests.has(image.slice(image.indexOf("@") + 1)))
  return same ? proven.since : null
}

/** Returns what the ledger of an environment tells of a release at the start of a run. */
function known(status: Known, release: WaveRelease, id: string): Seen {
  const since = liveSince(status, release)
  const { last } = status
  const isBack = last?.action === "rollback" && last.outcome === "succeeded" && last.run === id
  return { ...UNSEEN, since, back: since === null && isBack ? 0 : null }
}

const titled = (name: string, text: string): string => `${name}\n${text.trim().replace(/^/gm, "  ")}`

/** Runs a release over its waves. Each environment is deployed as it is alone; what has the release is left as it is. */
export async function inWaves(waves: Waves, release: WaveRelease, around: Around): Promise<Ended> {
  const all = waves.order.flat()
  const texts: string[] = []
  const first = await allOf(all, (name) => around.run(name, "status"))
  for (const [name, { exitCode, text }] of first)
    if (exitCode !== 0) return { exitCode, text: titled(name, text) }
  let seen: WavesSeen = Object.fromEntries(
    first.map(([name, status]) => [name, known(status, release, around.id)]),
  )
  for (;;) {
    const next = nextOf(waves, seen, around.now())
    if (next.do === "end")
      return { exitCode: next.exitCode, text: [summary(waves, release, seen), ...texts].join("\n\n") }
    if (next.do === "wait") {
      around.show(`bake time of this wave: until ${new Date(next.until).toISOString()}`)
      await around.sleep(next.until - around.now())
      continue
    }
    around.show(`${next.do}: ${next.environments.join(", ")}`)
    const work = WORK[next.do]
    const done = await allOf(next.environments, (name) => work(name, release, around))
    for (const [name, { text, ...after }] of done) {
      texts.push(titled(name, text))
      seen = { ...seen, [name]: { ...(seen[name] ?? UNSEEN), ...after } }
    }
  }
}

type Work = (
  name: string,
  release: WaveRelease,
  around: Around,
) => Promise<Partial<Seen> & { readonly text: string }>

/** Deploys, and asks the ledger what is live then. */
const deploys: Work = async (name, release, { run }) => {
  const { exitCode, text } = await run(name, "deploy")
  return { text, ended: exitCode, since: liveSince(await run(name, "status"), release) }
}

/** Looks whether the release is still live and healthy. */
const looks: Work = async (name, release, { run }) => {
  const since = liveSince(await run(name, "status"), release)
  const { exitCode, text } = await run(name, "health")
  return { text, since, looked: true, ended: since === null ? SUPERSEDED : exitCode }
}

const returns: Work = async (name, release, { run }) => {
  const { exitCode, text } = await run(name, "rollback")
  return { text, back: exitCode, since: liveSince(await run(name, "status"), release) }
}

const WORK = { deploy: deploys, look: looks, rollback: returns } as const

/** Words for the exit codes of deployments: docs/deploy.md has the outcomes. */
const WORDS: Readonly<Record<number, string>> = {
  40: "rolled back",
  41: "the rollback failed: act now",
  42: "replaced by another release",
  43: "still running",
  44: "refused",
  45: "failed",
  46: "waits for an answer",
}

/** Says what becomes of an environment. */
function fateOf({ since, ended, back }: Seen): string {
  if (back !== null) return back === 0 ? "taken back" : `not taken back (exit code ${back}): act now`
  if (ended === null && since === null) return "not started"
  if (ended === null || ended === 0)
    return since === null ? "deployed, not proven good" : "live and proven good"
  const fate = WORDS[ended] ?? `exit code ${ended}`
  return since === null ? fate : `${fate}, and the release is live`
}

/** Returns the waves with what became of each environment, and what to do. */
function summary(waves: Waves, { name, commit }: WaveRelease, seen: WavesSeen): string {
  const width = Math.max(...waves.order.flat().map((one) => one.length))
  const rows = waves.order.flatMap((wave, index) =>
    wave.map((one, at) => {
      const number = at === 0 ? String(index + 1) : ""
      return `${number.padStart(3)}  ${one.padEnd(width)}  ${fateOf(seen[one] ?? UNSEEN)}`
    }),
  )
  const entries = waves.order.flat().map((one) => [one, seen[one] ?? UNSEEN] as const)
  const red = entries.some(([, { ended }]) => ended !== null && ended !== 0)
  const left = entries.flatMap(([one, { since, back }]) => (since !== null && back === null ? [one] : []))
  return [
    `waves ${name}: ${commit.slice(0, 12)}`,
    ...rows,
    ...(red ? ["to do  fix the cause, and run again: it goes on where it stopped"] : []),
    ...(red && left.length > 0
      ? [`       ${left.join(", ")}: the release stays live; to go back: \`rollback --env NAME\``]
      : []),
  ].join("\n")
}
