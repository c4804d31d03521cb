import * as fs from "node:fs"
import * as path from "node:path"
import { groupBy } from "../../ci/src/formats/group-by.js"
import { type DeploymentFacts, type Fact, NO_RELEASE, type RunFacts, type Unread } from "./facts.js"
import { factsOf } from "./known.js"
import { readFiles } from "./threads.js"

/** The evidence of a folder. */
export interface Evidence {
  /** By start. */
  readonly runs: readonly RunFacts[]
  /** By end. */
  readonly deployments: readonly DeploymentFacts[]
  /** Files that hold no evidence that can be read, by path. */
  readonly unread: readonly Unread[]
  /** How many files repeat a run or a deployment. */
  readonly repeated: number
}

const RESULT = "result.json"
/** Folders that hold no evidence. */
const LEFT_OUT = new Set(["node_modules", ".git"])

/**
 * Returns the files of a folder that may hold evidence: each result.json, and, outside of the folders that have one,
 * every file of JSON. What else lies beside a result.json (bills of materials, annotations) is its run's.
 */
export function evidenceFiles(folder: string): readonly string[] {
  const entries = fs.readdirSync(folder, { withFileTypes: true })
  const folders = entries.filter((one) => one.isDirectory() && !LEFT_OUT.has(one.name))
  const names = entries.filter((one) => !one.isDirectory()).map(({ name }) => name)
  const ofRun = names.includes(RESULT)
  const own = names.filter((name) => (ofRun ? name === RESULT : name.endsWith(".json")))
  return [
    ...own.map((name) => path.join(folder, name)),
    ...folders.flatMap(({ name }) => {
      const below = evidenceFiles(path.join(folder, name))
      return ofRun ? below.filter((file) => path.basename(file) === RESULT) : below
    }),
  ].sort()
}

/** Reads all evidence of a folder; a run that is there twice counts once. */
export const readEvidence = async (folder: string): Promise<Evidence> =>
  evidenceOf(await factsOf(folder, evidenceFiles(folder), readFiles))

const keyOf = (fact: RunFacts | DeploymentFacts): string =>
  fact.kind === "run"
    ? JSON.stringify([fact.project, fact.vendor, fact.run, fact.attempt, fact.commit, fact.startedAt])
    : JSON.stringify([fact.environment, fact.release, fact.commit])

/** Sorts facts by what they are, each run and release once. */
export function evidenceOf(facts: readonly Fact[]): Evidence {
  const runs = facts.filter((fact) => fact.kind === "run")
  const requests = facts.filter((fact) => fact.kind === "deployment")
  // A release that goes on after its run ended is written again when it ends: the last one counts.
  const releases = requests
    .filter(({ release }) => release !== NO_RELEASE)
    .toSorted((a, b) => b.endedAt - a.endedAt)
  const [ownRuns, ownReleases] = [once(runs), once(releases)]
  return {
    runs: ownRuns.toSorted((a, b) => a.startedAt - b.startedAt),
    deployments: ownReleases.toSorted((a, b) => a.endedAt - b.endedAt),
    unread: facts.filter((fact) => fact.kind === "unread"),
    repeated: runs.length - ownRuns.length + releases.length - ownReleases.length,
  }
}

/** Returns the first fact of each run or release. */
const once = <T extends RunFacts | DeploymentFacts>(facts: readonly T[]): readonly T[] =>
  [...groupBy(facts, keyOf).values()].flatMap(([first]) => first ?? [])
