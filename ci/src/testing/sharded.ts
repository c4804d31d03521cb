import { canonicalDigest } from "../formats/canonical.js"
import { mergeHits } from "../formats/coverage-reader.js"
import { scriptCommand } from "../project/workplace.js"
import { refused, skipped } from "../run/outcome.js"
import { type Given, type Shards, type StageResult, WORKDIR } from "../run/stage.js"
import { type HookSettings, hooked, NO_CHANGES, withHook } from "../tools/hook.js"
import { readFiles } from "./runners.js"
import { divide, durations, type Part, ranNothing, united } from "./shards.js"
import { atHome, inContainer, type Refusal, runPart, type Suite, wholeSuite } from "./suite.js"

const LIST_TIMEOUT = 120
/** Where the list of test files is written. */
const FILES = "/slipway/files"

const lists = ({ runners: [runner, ...others] }: Suite): boolean =>
  runner?.lists === true && others.length === 0

const sharesItself = ({ runners }: Suite): boolean =>
  runners.length > 0 && runners.every((runner) => runner.shards)

/** Tells whether several containers can share the test files of a suite. */
export const canSplit = (suite: Suite): boolean => lists(suite) || sharesItself(suite)

/** Runs a suite in parallel containers, as many as the caller or slipway.yaml asks for. */
export async function runSuite(given: Given, suite: Suite): Promise<StageResult> {
  if (suite.refused !== null) return withoutRun(suite.refused)
  const shards = given.shards ?? { count: given.project.config.tests.shards, only: null }
  if (shards.count === 1) return runPart(given, suite, "", wholeSuite(suite))
  const { planned, files } = await plan(given, suite, shards)
  const parts = await Promise.all(
    planned.map(
      async ({ index, settings }): Promise<Part> => ({
        index,
        count: shards.count,
        result: settings === null ? null : await runPart(given, suite, `${index}/${shards.count}`, settings),
      }),
    ),
  )
  const busy = parts.filter((part) => !ranNothing(part))
  const hits = busy.flatMap(({ result }) => result?.lineHits ?? [])
  const looked = busy.flatMap(({ result }) => result?.looked ?? [])
  return {
    ...united(parts),
    ...(hits.length > 0 ? { lineHits: mergeHits(hits) } : {}),
    ...(looked.length > 0 ? { looked } : {}),
    ...(shards.only === null ? {} : { part: { index: shards.only, count: shards.count, files } }),
  }
}

const withoutRun = ({ verdict, reason }: Refusal): StageResult =>
  verdict === "failed" ? refused(reason) : skipped(reason)

/** How a suite is shared out. */
interface Sharing {
  readonly planned: readonly Planned[]
  /** Digest of the files of each shard; null where the runner shares them out. */
  readonly files: string | null
}

/** What one shard runs; null if it has nothing to run. */
interface Planned {
  readonly index: number
  readonly settings: HookSettings | null
}

/**
 * Divides a suite by the runner's list of test files and how long each took in the base; without a list, by the runner's
 * own sharding; without either, the first shard runs everything.
 */
async function plan(given: Given, suite: Suite, { count, only, seconds }: Shards): Promise<Sharing> {
  const files = await listed(given, suite)
  const bins = files && divide(files, seconds ?? durations(given.base, suite.name), count)
  const all = wholeSuite(suite)
  const shards = sharesItself(suite)
  const planned = Array.from({ length: count }, (_, i) => i + 1)
    .filter((index) => only === null || index === only)
    .map((index) => {
      if (bins) {
        const own = inContainer(bins[index - 1] ?? [])
        return { index, settings: own.length > 0 ? { ...all, files: own } : null }
      }
      if (shards) return { index, settings: { ...all, shard: `${index}/${count}` } }
      return { index, settings: index === 1 ? all : null }
    })
  return { planned, files: bins && canonicalDigest(bins) }
}

/** The suite's test files as its runner lists them, by their paths in the project; null where it cannot. */
async function listed(given: Given, suite: Suite): Promise<readonly string[] | null> {
  if (!lists(suite)) return null
  const ran = await given.command({
    container: withHook(atHome(given, suite), { ...NO_CHANGES, list: FILES }),
    steps: [
      {
        name: "list",
        run: hooked(scriptCommand(given.project, suite.workspace, suite.script)),
        timeout: LIST_TIMEOUT,
      },
    ],
    reports: [FILES],
  })
  const files = ran.failed === null ? readFiles(ran.reports[FILES] ?? "", WORKDIR) : []
  return files.length > 0 ? files : null
}
