/**
 * Asks the running app the health checks and smoke tests of a release; runs in the container of the trial.
 *
 *   node answers.ts <JSON: Checks>
 *
 * Exit code 0 when all answer as they must. Prints a line for each.
 */
import { setTimeout as sleep } from "node:timers/promises"
import type { Check, Checks } from "../src/deploy/trial-text.js"

const { origin, attempts, pauseSeconds, wrongMark, checks }: Checks = JSON.parse(process.argv[2] ?? "")

/** Returns what is wrong with an answer; null: it is right. */
async function wrong({ path, status, contains }: Check): Promise<string | null> {
  try {
    const response = await fetch(origin + path, { redirect: "manual", signal: AbortSignal.timeout(10_000) })
    const body = await response.text()
    if (response.status !== status) return `answers ${response.status} instead of ${status}`
    return contains === null || body.includes(contains) ? null : `answers without the text "${contains}"`
  } catch (error) {
    if (!(error instanceof Error)) return String(error)
    return error.cause instanceof Error ? error.cause.message : error.message
  }
}

async function ask(check: Check): Promise<string | null> {
  let why: string | null = null
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    why = await wrong(check)
    if (why === null) return null
    if (attempt < attempts) await sleep(pauseSeconds * 1000)
  }
  return why
}

for (const check of checks) {
  const why = await ask(check)
  console.log(why === null ? `✓ ${check.url}` : `${wrongMark}${check.url} ${why}`)
  if (why !== null) process.exitCode = 1
}
