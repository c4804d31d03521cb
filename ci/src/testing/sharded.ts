import { mergeHits } from "../formats/coverage-reader.js"
import { type Given, type Shards, type StageResult, WORKDIR } from "../run/stage.js"
import { FILES, fileWords, readFiles, type Words } from "./runners.js"
import { divide, durations, type Part, ranNothing, united } from "./shards.js"
import { atHome, runPart, type Suite } from "./suite.js"

const LIST_TIMEOUT = 120
const ALL: Words = { args: "", env: {} }

/** Runs a suite in parallel containers, as many as the caller or slipway.yaml asks for. */
export async function runSuite(given: Given, suite: Suite): Promise<StageResult> {
  const shards = given.shards ?? { count: given.project.config.tests.shards, only: null }
  if (shards.count === 1) return runPart(given, suite, "", ALL)
  const planned = await plan(given, suite, shards)
  const parts = await Promise.all(
    planned.map(
      async ({ index, words }): Promise<Part> => ({
        index,
        count: shards.count,
        result: words === null ? null : await runPart(given, suite, `${index}/${shards.count}`, words),
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
  }
}

/** Returns the additions for one shard; null if it has nothing to run. */
interface Planned {
  readonly index: number
  readonly words: Words | null
}

/**
 * Divides a suite by the runner's list of test files and how long each took in the base; without a list, by the runner's
 * own sharding; without either, the first shard runs everything.
 */
async function plan(given: Given, suite: Suite, { count, only }: Shards): Promise<readonly Planned[]> {
  const { runner } = suite
  const files = await listed(given, suite)
  const bins = files && divide(files, durations(given.base, suite.name), count)
  return Array.from({ length: count }, (_, i) => i + 1)
    .filter((index) => only === null || index === only)
    .map((index) => {
      if (bins) {
        const own = bins[index - 1] ?? []
        return { index, words: own.length > 0 ? fileWords(own, WORKDIR) : null }
      }
      if (runner?.share) return { index, words: runner.share({ index, count }) }
      return { index, words: index === 1 ? ALL : null }
    })
}

/** The suite's test files as its runner lists them, by their paths in the project; null where it cannot. */
async function listed(given: Given, suite: Suite): Promise<readonly string[] | null> {
  const { runner, words, workspace } = suite
  if (!runner?.list) return null
  const path = [workspace.path, ""].map((folder) => `${WORKDIR}/${folder}/node_modules/.bin`).join(":")
  const ran = await given.command({
    container: atHome(given, suite),
    steps: [{ name: "list", run: `export PATH=${path}:$PATH; ${runner.list(words)}`, timeout: LIST_TIMEOUT }],
    reports: [FILES],
  })
  const files = ran.failed === null ? readFiles(ran.reports[FILES] ?? "", WORKDIR) : []
  return files.length > 0 ? files : null
}
