/** Tells people once that a release starts, that a run waits, and what a release asks. A rerun tells nothing twice. */
import type { End } from "../core/outcome.ts"
import { commitName, releaseText } from "../core/text.ts"
import type { Context } from "../ecs/context.ts"
import { isHeard, tellEarly } from "./notify.ts"

const STARTED = "started"

/** Notes that people are told, before they are: a run that dies in between tells nothing. @returns whether they were not told before. */
async function first({ book }: Context, what: string): Promise<boolean> {
  const { told } = book.journal()
  if (told.includes(what)) return false
  await book.note({ told: [...told, what] })
  return true
}

const NOUNS = { deploy: "deployment", migrate: "migration" } as const

function whatStarts({ book, request }: Context): string {
  const { action, commit, back, number } = book.journal()
  const by = `by ${request.run.actor} (release ${number})`
  if (action !== "rollback") return `${NOUNS[action]} of ${commitName(commit)} ${by}`
  return `rollback to ${back === null ? commitName(commit) : releaseText(back.to, back.commit)} ${by}`
}

/** Tells that the release in flight starts. */
export async function tellStart(context: Context): Promise<void> {
  if (!isHeard(context, "started") || !(await first(context, STARTED))) return
  const { number } = context.book.journal()
  await tellEarly(context, { event: "started", what: whatStarts(context), release: number })
}

/** Tells that the run waits for another one. */
export async function tellWait(context: Context, holder: string): Promise<void> {
  const { action, run } = context.request
  const what = `${action} by ${run.actor} waits for ${holder}`
  await context.tracker.waits(what)
  if (isHeard(context, "waiting")) await tellEarly(context, { event: "waiting", what, release: null })
}

/** Returns whether people know the question with which a run ends; notes that they do. */
export async function isKnown(context: Context, { ask }: End): Promise<boolean> {
  if (ask === null || context.request.environment.notifications.length === 0) return false
  return !(await first(context, ask))
}
