/** Takes a release back in the environments of waves that have it. */
import { type Around, allOf, type Ended } from "./around-waves.js"
import { isThere, type Known, leftByOthers, type WaveRelease, wentBack } from "./known-waves.js"
import { REFUSED, type Waves, worst } from "./waves.js"
import { headOf, rowsOf, titled, toDo } from "./waves-text.js"

/** An environment as it was before, and how its rollback ended; `back` null: it was left as it is. */
interface Returned {
  readonly before: Known & Ended
  readonly back: (Ended & { readonly still: boolean; readonly byOthers: boolean }) | null
}

/** Returns the exit code of an environment that cannot tell whether it has the release; 0: it can, perhaps by its ledger alone. */
const unknownCode = ({ before }: Returned, { commit }: WaveRelease): number =>
  isThere(before, commit) ? 0 : before.exitCode

/** Takes an environment back, if it is known to have the release. */
async function returned(
  name: string,
  before: Returned["before"] | undefined,
  release: WaveRelease,
  around: Around,
): Promise<Returned> {
  const { commit } = release
  if (before === undefined) throw new Error(`no status of ${name}`)
  if (unknownCode({ before, back: null }, release) !== 0 || !isThere(before, commit))
    return { before, back: null }
  around.show(`rollback: ${name}`)
  const result = await around.run(name, "rollback")
  const byOthers = leftByOthers(result, commit)
  const exitCode = byOthers ? 0 : result.exitCode
  return { before, back: { exitCode, byOthers, text: result.text, still: isThere(result, commit) } }
}

/**
 * Goes back from a release wherever it is live or on its way, all at once: nowhere else, so that an environment which
 * never got it goes no further back. One that cannot be asked keeps no other from going back. Run again, it goes on with
 * what is left.
 */
export async function backOverWaves(waves: Waves, release: WaveRelease, around: Around): Promise<Ended> {
  const names = waves.order.flat()
  const known = new Map(await allOf(names, (name) => around.run(name, "status")))
  const done: Readonly<Record<string, Returned>> = Object.fromEntries(
    await allOf(names, (name) => returned(name, known.get(name), release, around)),
  )
  const all = Object.values(done)
  const there = all.filter(({ back }) => back !== null)
  const unasked = names.filter((name) => isUnknown(done[name], release))
  const already = all.some(({ before }) => wentBack(before, around.id))
  const stays = there.some(({ back }) => back?.exitCode === 0 && back.still)
  const nowhere = there.length === 0 && !already && unasked.length === 0
  const codes = all.map((one) => one.back?.exitCode ?? unknownCode(one, release))
  const head = [
    headOf(release),
    ...rowsOf(waves, (name) => fateOf(done[name], release, around.id)),
    ...toDo([
      ...(nowhere ? [NOWHERE] : []),
      ...(stays ? [STAYS] : []),
      ...(unasked.length > 0 ? [`${unasked.join(", ")}: ${UNKNOWN}`] : []),
    ]),
  ].join("\n")
  return {
    exitCode: worst(nowhere || stays ? [...codes, REFUSED] : codes),
    text: [head, ...names.flatMap((name) => textOf(name, done[name], release))].join("\n\n"),
  }
}

const isUnknown = (one: Returned | undefined, release: WaveRelease): boolean =>
  one !== undefined && unknownCode(one, release) !== 0

/** Returns what the deployer of an environment said, where it did something or could not be asked. */
function textOf(name: string, one: Returned | undefined, release: WaveRelease): readonly string[] {
  if (one?.back) return [titled(name, one.back.text)]
  return one && isUnknown(one, release) ? [titled(name, one.before.text)] : []
}

const NOWHERE = "it is live nowhere: check out the commit that is to be taken back, as `status` shows it"
const STAYS = "where the release is still live, another one was on its way, and was taken back: run again"
const UNKNOWN = "the release may be there: act now, and run again once the environment answers"

function fateOf(one: Returned | undefined, release: WaveRelease, run: string): string {
  if (!one) return "unknown"
  const { before, back } = one
  const unknown = unknownCode(one, release)
  if (unknown !== 0) return `unknown (exit code ${unknown})`
  if (back?.byOthers) return "taken back by another run"
  if (back !== null && back.exitCode !== 0) return `not taken back (exit code ${back.exitCode}): act now`
  if (back !== null) return back.still ? `${release.commit.slice(0, 12)} is still live` : "taken back"
  if (wentBack(before, run)) return "taken back already"
  const live = before.recorded
  return `left as it is: ${live === null ? "no release of Slipway" : live.commit.slice(0, 12)} is live`
}
