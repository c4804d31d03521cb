import { groupBy } from "../../ci/src/formats/group-by.js"
import type { RunFacts, TestFacts } from "./facts.js"
import type { Owners } from "./owners.js"

/** A test that fails by chance. */
export interface FlakyTest {
  readonly stage: string
  readonly suite: string
  readonly name: string
  readonly file: string | null
  /** By CODEOWNERS; empty where nobody is named. */
  readonly owners: readonly string[]
  /** Runs in which it failed and then passed, or failed where the same files passed in another run. */
  readonly times: number
  /** Runs of its stage since then. */
  readonly ofRuns: number
  /** The first and the last such run: milliseconds since the epoch. */
  readonly since: number
  readonly last: number
  /** The commit of the first such run, or null. */
  readonly commit: string | null
}

interface Seen {
  readonly test: TestFacts
  readonly run: RunFacts
}

const stageKey = (stage: string, inputs: string): string => `${stage}\0${inputs}`

/** Stages with failed tests that passed in another run, by name and the digest of the files that they read. */
function passedStages(runs: readonly RunFacts[]): ReadonlySet<string> {
  const failed = new Set(runs.flatMap(({ tests }) => tests.map(({ stage }) => stage)))
  return new Set(
    runs.flatMap(({ stages }) =>
      stages.flatMap(({ name, verdict, inputs }) =>
        verdict === "passed" && inputs !== null && failed.has(name) ? [stageKey(name, inputs)] : [],
      ),
    ),
  )
}

/** Returns the tests that fail by chance, the most frequent first. @param runs by start. */
export function flakyTestsOf(runs: readonly RunFacts[], owners: Owners): readonly FlakyTest[] {
  const passed = passedStages(runs)
  const seen = runs.flatMap((run) =>
    run.tests
      .filter(({ verdict, stage, inputs }) =>
        verdict === "flaky" ? true : inputs !== null && passed.has(stageKey(stage, inputs)),
      )
      .map((test): Seen => ({ test, run })),
  )
  const groups = groupBy(seen, ({ test: { stage, suite, name, file } }) =>
    JSON.stringify([stage, file, suite, name]),
  )
  return [...groups.values()]
    .flatMap((of) => flakyTest(of, runs, owners))
    .toSorted((a, b) => b.times - a.times || b.last - a.last)
}

function flakyTest(seen: readonly Seen[], runs: readonly RunFacts[], owners: Owners): readonly FlakyTest[] {
  const [first, last] = [seen[0], seen.at(-1)]
  if (first === undefined || last === undefined) return []
  const { stage, suite, name, file } = first.test
  const since = first.run.startedAt
  const ran = runs.filter(
    (run) =>
      run.startedAt >= since &&
      run.stages.some((one) => one.name === stage && !one.cached && one.ms !== null),
  )
  return [
    {
      stage,
      suite,
      name,
      file,
      since,
      owners: file === null ? [] : owners(file),
      times: new Set(seen.map(({ run }) => run.file)).size,
      ofRuns: ran.length,
      last: last.run.startedAt,
      commit: first.run.commit,
    },
  ]
}
