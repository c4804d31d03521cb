/** Requests URLs as users of the service do. */

import type { UrlCheck } from "../environment.ts"
import { type Answer, rewritten, wrongAnswer } from "./checks.ts"
import type { RunContext } from "./context.ts"
import { oneLine } from "./text.ts"

/** Time limit of one attempt, in milliseconds. */
const TIMEOUT_MS = 10_000
/** Characters of a response that are searched. */
const BODY = 100_000

async function ask(url: string): Promise<Answer> {
  try {
    const answer = await fetch(url, { redirect: "follow", signal: AbortSignal.timeout(TIMEOUT_MS) })
    return { status: answer.status, body: (await answer.text()).slice(0, BODY), error: "" }
  } catch (error) {
    const inner = error instanceof Error && error.cause instanceof Error ? error.cause : error
    return { status: null, body: "", error: oneLine(inner instanceof Error ? inner.message : String(inner)) }
  }
}

/** @returns what was wrong at the last attempt; null: one succeeded. */
async function check(context: RunContext, one: UrlCheck): Promise<string | null> {
  const { request, clock, reporter } = context
  const url = rewritten(one.url, request.endpoints)
  for (let attempt = 1; ; attempt += 1) {
    const wrong = wrongAnswer(one, await ask(url))
    if (wrong === null) return null
    if (attempt === 1 || attempt % 5 === 0 || attempt === one.attempts)
      reporter.say(`  ${one.url}: ${wrong} (attempt ${attempt} of ${one.attempts})`)
    if (attempt >= one.attempts) return `${one.url} ${wrong} (${one.attempts} attempts)`
    await clock.sleep(one.intervalSeconds * 1000)
  }
}

/** Checks URLs in order. @returns the first failure, or null. */
export async function wrongUrl(context: RunContext, checks: readonly UrlCheck[]): Promise<string | null> {
  for (const one of checks) {
    const wrong = await check(context, one)
    if (wrong !== null) return wrong
  }
  return null
}
