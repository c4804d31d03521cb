import { repository } from "../engine/host/repository.js"
import { coveredDigest, readGreen, recordGreen, whyRun } from "../test/suite/green.js"
import { fileOf, isRare, RARE, type RareName } from "../test/suite/rare.js"
import type { PartTimes } from "../test/suite/times.js"
import { usage } from "./args.js"
import { project } from "./own-tests.js"

/** Which rare suites to run, and how. */
export interface RareOptions {
  /** None means all. */
  readonly names: readonly string[]
  /** Only those that cover a file that changed since their last green run. */
  readonly changed: boolean
  /** Minutes that are left: a suite that may need more is named, and not run. Null for no limit. */
  readonly within: number | null
  /** Arguments for vitest. With some, a green run is not all of the suite, and is not recorded. */
  readonly args: readonly string[]
}

/** Runs rare suites one by one, the most important first, and records those that are green. */
export async function rareTests({
  names,
  changed,
  within,
  args,
}: RareOptions): Promise<readonly PartTimes[]> {
  const unknown = names.find((name) => !isRare(name))
  if (unknown !== undefined) throw usage(`test rare: there is no suite ${unknown}: ${all.join(", ")}`, "test")
  const times: PartTimes[] = []
  const end = within === null ? Infinity : Date.now() + within * 60_000
  for (const name of all.filter((one) => names.length === 0 || names.includes(one))) {
    const digest = () => coveredDigest(repository(), name, RARE[name])
    const before = digest()
    const why = changed ? whyRun(readGreen(repository()), name, before) : "asked for"
    const late = why !== null && Date.now() + RARE[name].minutes * 60_000 > end
    process.stdout.write(`rare ${name}: ${late ? tooLate(name) : (why ?? UNCHANGED)}\n`)
    if (why === null || late) continue
    const part = await project("rare", [fileOf(name), ...args])
    times.push({ ...part, name: `rare ${name}` })
    if (part.failed === 0 && args.length === 0 && digest() === before) recordGreen(repository(), name, before)
  }
  return times
}

const all = Object.keys(RARE).filter((name): name is RareName => isRare(name))

const UNCHANGED = "not run: unchanged since its last green run"

const tooLate = (name: RareName) =>
  `NOT RUN: it may take ${RARE[name].minutes} min, and fewer are left. \`./slipway test rare ${name}\` runs it`
