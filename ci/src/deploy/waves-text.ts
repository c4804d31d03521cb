/** What people read of a release over waves. */
import type { WaveRelease } from "./known-waves.js"
import { isUnproven, type Seen, seenOf, type Waves, type WavesSeen } from "./waves.js"

/** Returns the text of an environment below its name. */
export const titled = (name: string, text: string): string => `${name}\n${text.trim().replace(/^/gm, "  ")}`

/** Words for the exit codes of deployments: docs/deploy.md has the outcomes. */
const WORDS: Readonly<Record<number, string>> = {
  40: "rolled back",
  41: "the rollback failed: act now",
  42: "replaced by another release",
  43: "still running",
  44: "refused",
  45: "failed",
  46: "waits for an answer",
  48: "unknown: it could not be asked",
}

const TO_DO: Readonly<Record<number, string>> = {
  42: "nothing to do if the other release is meant; run again to deploy this one",
  43: "run again: it goes on where it stopped",
  46: "answer with `deploy --env NAME --answer …`, and run again: it goes on where it stopped",
}

const FIX = "fix the cause, and run again: it goes on where it stopped"

const backText = (back: number): string =>
  back === 0 ? "taken back" : `not taken back (exit code ${back}): act now`

/** Says what becomes of an environment. */
function fateOf(seen: Seen): string {
  const { since, ended, back } = seen
  if (back !== null) return backText(back)
  if (ended === null && since === null) return "not started"
  if (isUnproven(seen)) return "deployed, not proven good"
  if ((ended ?? 0) === 0) return "live and proven good"
  const fate = WORDS[ended ?? 0] ?? `exit code ${ended}`
  return since === null ? fate : `${fate}, and the release is live`
}

/** Returns a line for each environment, with the number of its wave. */
export function rowsOf({ order }: Waves, fate: (name: string) => string): readonly string[] {
  const width = Math.max(...order.flat().map((one) => one.length))
  return order.flatMap((wave, index) =>
    wave.map((one, at) => {
      const number = at === 0 ? String(index + 1) : ""
      return `${number.padStart(3)}  ${one.padEnd(width)}  ${fate(one)}`
    }),
  )
}

/** Puts what to do below its label. */
export const toDo = (lines: readonly string[]): readonly string[] =>
  lines.map((line, index) => `${(index === 0 ? "to do" : "").padEnd(7)}${line}`)

/** Returns the line above the waves. */
export const headOf = ({ name, commit }: WaveRelease): string => `waves ${name}: ${commit.slice(0, 12)}`

/** Returns the waves with what became of each environment, and what to do. */
export function summary(waves: Waves, release: WaveRelease, seen: WavesSeen, exitCode: number): string {
  const all = waves.order.flat()
  const red = exitCode !== 0
  const unproven = all.filter((one) => isUnproven(seenOf(seen, one)))
  const left = all.filter((one) => {
    const { since, back } = seenOf(seen, one)
    return since !== null && back === null
  })
  const waits = red && unproven.length > 0
  return [
    headOf(release),
    ...rowsOf(waves, (one) => fateOf(seenOf(seen, one))),
    ...toDo([
      ...(waits ? [`${unproven.join(", ")}: ${UNPROVEN}`] : []),
      ...(red && !waits ? [TO_DO[exitCode] ?? FIX] : []),
      ...(red ? onItsWay(seen, all, exitCode) : []),
      ...(red && left.length > 0
        ? [`${left.join(", ")}: the release stays live; to go back: \`rollback --env NAME\``]
        : []),
    ]),
  ].join("\n")
}

/** Says what to do where the release is still on its way while the run ended because of another environment. */
const onItsWay = (seen: WavesSeen, all: readonly string[], exitCode: number): readonly string[] =>
  all.flatMap((one) => {
    const { ended, back, underWay } = seenOf(seen, one)
    return underWay && back === null && ended !== exitCode
      ? [`${one}: the release is on its way: run again, or go back with \`rollback --env ${one}\``]
      : []
  })

const UNPROVEN =
  "the next wave starts once this one is proven good: with a task of each service, in a new run; what runs nothing fits into the last wave"
