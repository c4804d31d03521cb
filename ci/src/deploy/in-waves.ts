/** Takes one release over waves of environments. Their own ledgers are the truth: there is no other state. */

import { type Around, allOf, type Ended, statuses } from "./around-waves.js"
import { backOverWaves } from "./back-over-waves.js"
import {
  goneCode,
  isUnderWay,
  type Known,
  known,
  leftByOthers,
  liveSince,
  type WaveRelease,
} from "./known-waves.js"
import type { Action } from "./request.js"
import {
  has,
  type Next,
  nextOf,
  type Seen,
  seenOf,
  UNSEEN_CODE,
  type Waves,
  type WavesSeen,
  worst,
} from "./waves.js"
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

/** Steps that need to know what the other environments still have. */
const SURE: ReadonlySet<Next["do"]> = new Set(["deploy", "rollback", "end"])

/** Runs a release over its waves. Each environment is deployed as it is alone; what has the release is left as it is. */
export async function inWaves(waves: Waves, release: WaveRelease, around: Around): Promise<Ended> {
  const texts: string[] = []
  const first = await statuses(waves, around)
  if ("ended" in first) return first.ended
  let seen = start(first.all, release, around)
  let fresh: readonly string[] = waves.order.flat()
  for (;;) {
    const next = nextOf(waves, seen, await around.now())
    const old = staleOf(seen, fresh)
    if (SURE.has(next.do) && old.length > 0) {
      const now = await asked(seen, old, { release, around })
      seen = now.seen
      texts.push(...now.texts)
      fresh = waves.order.flat()
      continue
    }
    if (next.do === "end")
      return {
        exitCode: next.exitCode,
        text: [summary(waves, release, seen, next.exitCode), ...texts].join("\n\n"),
      }
    const done = await did(next, release, around)
    texts.push(...done.map(([name, { text }]) => titled(name, text)))
    const after = done.map(([name, { after }]) => [name, { ...seenOf(seen, name), ...after }] as const)
    seen = { ...seen, ...Object.fromEntries(after) }
    // One that ended long before the others of its wave is asked again.
    fresh = done.length === 1 ? done.map(([name]) => name) : []
  }
}

/** Returns the environments with the release in which somebody may have taken it back since they were asked. */
const staleOf = (seen: WavesSeen, fresh: readonly string[]): readonly string[] =>
  Object.keys(seen).filter((name) => has(seenOf(seen, name)) && !fresh.includes(name))

/** Asks environments that have the release whether they still do. */
async function asked(
  seen: WavesSeen,
  names: readonly string[],
  { release, around }: { readonly release: WaveRelease; readonly around: Around },
): Promise<{ readonly seen: WavesSeen; readonly texts: readonly string[] }> {
  const all = await allOf(names, (name) => around.run(name, "status"))
  const gone = all.filter(([, status]) => status.exitCode !== 0 || liveSince(status, release) === null)
  const after = gone.map(([name, status]) => {
    const ended = status.exitCode === 0 ? goneCode(status, release) : status.exitCode
    return [name, { ...seenOf(seen, name), since: null, ended }] as const
  })
  return {
    seen: { ...seen, ...Object.fromEntries(after) },
    texts: gone.map(([name, { text }]) => titled(name, text)),
  }
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

const deploys: Work = async (name, release, { run }) => {
  const result = await run(name, "deploy")
  const after = { ended: result.exitCode, since: liveSince(result, release) }
  return { text: result.text, after: { ...after, underWay: isUnderWay(result, release.commit) } }
}

/** Looks whether the release is still live and healthy. */
const looks: Work = async (name, release, { run }) => {
  const result = await run(name, "health")
  const since = liveSince(result, release)
  const gone = since === null && result.exitCode !== UNSEEN_CODE
  const ended = gone ? goneCode(result, release) : result.exitCode
  return { text: result.text, after: { since, looked: true, ended } }
}

const returns: Work = async (name, release, { run }) => {
  const result = await run(name, "rollback", true)
  return {
    text: result.text,
    after: {
      back: leftByOthers(result, release.commit) ? 0 : result.exitCode,
      ...{ returning: false, underWay: false },
      since: liveSince(result, release),
    },
  }
}

const WORK = { deploy: deploys, look: looks, rollback: returns } as const
