import { git } from "../../engine/host/git.js"
import type { CommitTime } from "./deployments.js"
import type { DeploymentFacts } from "./facts.js"

const HASH = /^[0-9a-f]{40,64}$/

/** Returns when released commits were made, by the git history of a folder. */
export function commitTimes(folder: string, deployments: readonly DeploymentFacts[]): CommitTime {
  const wanted = [...new Set(deployments.map(({ commit }) => commit))].filter((commit) => HASH.test(commit))
  const times = new Map(wanted.length === 0 ? [] : timesOf(folder, wanted))
  return (commit) => times.get(commit) ?? null
}

/** How many commits one call of git gets: a command line is limited. */
const AT_ONCE = 500

/** Commits that git does not know are left out. */
function timesOf(folder: string, commits: readonly string[]): readonly (readonly [string, number])[] {
  if (commits.length > AT_ONCE)
    return [...timesOf(folder, commits.slice(0, AT_ONCE)), ...timesOf(folder, commits.slice(AT_ONCE))]
  const args = ["log", "--no-walk", "--ignore-missing", "--format=%H %ct", ...commits, "--"]
  const lines = git(folder, ...args)?.split("\n") ?? []
  return lines.flatMap((line) => {
    const [commit, seconds] = line.split(" ")
    return commit && seconds ? [[commit, Number(seconds) * 1000] as const] : []
  })
}
