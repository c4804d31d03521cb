/** Takes one release over waves of environments. Their own ledgers are the truth: there is no other state. */

import { type Around, allOf, type Ended, statuses } from "./around-waves.js"
import { backOverWaves } from "./back-over-waves.js"
import { goneCode, type Known, known, liveSince, type WaveRelease } from "./known-waves.js"
import type { Action } from "./request.js"
import { has, type Next, nextOf, type Seen, seenOf, type Waves, type WavesSeen, worst } from "./waves.js"
import { summary, titled } from "./waves-text.js"

/** Does what a call asks for in all environments of its waves. */
export async function overWaves(
  waves: Waves,
  { action, ...release }: WaveRelease & { readonly action: Action },
  around: Around,
): Promise<Ended> {
  if (action === "deploy") return inWaves(waves, release, around)
  if (action === "rollback") return backOverWaves(waves, release, around)
  const done = await allOf(waves.order.flat(), (name) => around.run(name, action))
  return {
    exitCode: worst(done.map(([, { exitCode }]) => exitCode)),
    text: done.map(([name, { text }]) => titled(name, text)).join("\n\n"),
  }
}

/** Returns what the ledgers tell at the start of a run. */
function start(all: readonly (readonly [string, Known])[], release: WaveRelease, around: Around): WavesSeen {
  const found = all.map(([name, status]) => [name, known(status, release, around.wayBack)] as const)
  // Who types the command again after a way back that is complete means to try again.
  const anew = !around.unique && found.every(([, { since, returning }]) => since === null && !returning)
  return Object.fromEntries(found.map(([name, seen]) => [name, anew ? { ...seen, back: null } : seen]))
}

/** Runs a release over its waves. Each environment is deployed as it is alone; what has the release is left as it is. */
export async function inWaves(waves: Waves, release: WaveRelease, around: Around): Promise<Ended> {
  const texts: string[] = []
  const first = await statuses(waves, around)
  if ("ended" in first) return first.ended
  let seen = start(first.all, release, around)
  // Somebody may take an earlier wave back while a later one is under way.
  let fresh = true
  for (;;) {
    const next = nextOf(waves, seen, await around.now())
    if (next.do === "end")
      return {
        exitCode: next.exitCode,
        text: [summary(waves, release, seen, next.exitCode), ...texts].join("\n\n"),
      }
    if (next.do === "deploy" && !fresh) {
      fresh = true
      seen = await asked(seen, release, around)
      continue
    }
    fresh = false
    const done = await did(next, release, around)
    texts.push(...done.flatMap(([name, { text }]) => (text ? [titled(name, text)] : [])))
    seen = {
      ...seen,
      ...Object.fromEntries(done.map(([name, { after }]) => [name, { ...seenOf(seen, name), ...after }])),
    }
  }
}

/** Asks the environments that have the release whether they still do. */
async function asked(seen: WavesSeen, release: WaveRelease, { run }: Around): Promise<WavesSeen> {
  const names = Object.keys(seen).filter((name) => has(seenOf(seen, name)))
  const all = await allOf(names, (name) => run(name, "status"))
  const gone = all.filter(([, status]) => status.exitCode !== 0 || liveSince(status, release) === null)
  const after = gone.map(([name, status]) => {
    const ended = status.exitCode === 0 ? goneCode(status, release) : status.exitCode
    return [name, { ...seenOf(seen, name), since: null, ended }] as const
  })
  return { ...seen, ...Object.fromEntries(after) }
}

/** What a step did in an environment. */
interface Did {
  readonly after: Partial<Seen>
  readonly text: string
}

/** Waits, or works in the environments of a step. */
async function did(next: Exclude<Next, { do: "end" }>, release: WaveRelease, around: Around) {
  if (next.do !== "wait") {
    around.show(`${next.do}: ${next.environments.join(", ")}`)
    const work = WORK[next.do]
    return allOf(next.environments, (name) => work(name, release, around))
  }
  around.show(`bake time of this wave: until ${new Date(next.until).toISOString()}`)
  await around.sleep(next.until - (await around.now()))
  return []
}

type Work = (name: string, release: WaveRelease, around: Around) => Promise<Did>

/** Deploys, and asks the ledger what is live then. */
const deploys: Work = async (name, release, { run }) => {
  const { exitCode: ended, text } = await run(name, "deploy")
  return { text, after: { ended, since: liveSince(await run(name, "status"), release) } }
}

/** Looks whether the release is still live and healthy. */
const looks: Work = async (name, release, { run }) => {
  const status = await run(name, "status")
  const since = liveSince(status, release)
  const { exitCode, text } = await run(name, "health")
  return {
    text,
    after: { since, looked: true, ended: since === null ? goneCode(status, release) : exitCode },
  }
}

const returns: Work = async (name, release, { run }) => {
  const { exitCode: back, text } = await run(name, "rollback", true)
  return { text, after: { back, returning: false, since: liveSince(await run(name, "status"), release) } }
}

const WORK = { deploy: deploys, look: looks, rollback: returns } as const
