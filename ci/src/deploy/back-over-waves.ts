/** Takes a release back in the environments of waves that have it. */
import { type Around, allOf, type Ended, statuses } from "./around-waves.js"
import { isThere, type Known, type WaveRelease, wentBack } from "./known-waves.js"
import { REFUSED, type Waves, worst } from "./waves.js"
import { headOf, rowsOf, titled, toDo } from "./waves-text.js"

/** An environment as it was before, and how its rollback ended; `back` null: it was left as it is. */
interface Returned {
  readonly before: Known
  readonly back: (Ended & { readonly still: boolean }) | null
}

/**
 * Goes back from a release wherever it is live or on its way, all at once: nowhere else, so that an environment which
 * never got it goes no further back. Run again, it goes on with what is left.
 */
export async function backOverWaves(waves: Waves, release: WaveRelease, around: Around): Promise<Ended> {
  const first = await statuses(waves, around)
  if ("ended" in first) return first.ended
  const known = new Map(first.all)
  const done = Object.fromEntries(
    await allOf(waves.order.flat(), async (name): Promise<Returned> => {
      const before = known.get(name)
      if (before === undefined) throw new Error(`no status of ${name}`)
      if (!isThere(before, release.commit)) return { before, back: null }
      around.show(`rollback: ${name}`)
      const result = await around.run(name, "rollback")
      const { exitCode, text } = result
      return { before, back: { exitCode, text, still: isThere(result, release.commit) } }
    }),
  )
  const all = Object.values(done)
  const there = all.filter(({ back }) => back !== null)
  const already = all.some(({ before }) => wentBack(before, around.id))
  const stays = there.some(({ back }) => back?.exitCode === 0 && back.still)
  const nowhere = there.length === 0 && !already
  const codes = there.map(({ back }) => back?.exitCode ?? 0)
  return {
    exitCode: worst(nowhere || stays ? [...codes, REFUSED] : codes),
    text: [
      [
        headOf(release),
        ...rowsOf(waves, (name) => fateOf(done[name], release, around.id)),
        ...toDo([...(nowhere ? [NOWHERE] : []), ...(stays ? [STAYS] : [])]),
      ].join("\n"),
      ...Object.entries(done).flatMap(([name, { back }]) => (back === null ? [] : [titled(name, back.text)])),
    ].join("\n\n"),
  }
}

const NOWHERE = "it is live nowhere: check out the commit that is to be taken back, as `status` shows it"
const STAYS = "where the release is still live, another one was on its way, and was taken back: run again"

function fateOf(one: Returned | undefined, { commit }: WaveRelease, run: string): string {
  if (!one) return "unknown"
  const { before, back } = one
  if (back !== null && back.exitCode !== 0) return `not taken back (exit code ${back.exitCode}): act now`
  if (back !== null) return back.still ? `${commit.slice(0, 12)} is still live` : "taken back"
  if (wentBack(before, run)) return "taken back already"
  const live = before.recorded
  return `left as it is: ${live === null ? "no release of Slipway" : live.commit.slice(0, 12)} is live`
}
