/** Decides where to roll back to. */

import { type Journal, NOT_ROLLED } from "../core/journal.ts"
import { Ended, end } from "../core/outcome.ts"
import { rollbackTarget } from "../core/release.ts"
import { short } from "../core/text.ts"
import { causeOf } from "./cause.ts"
import type { Context } from "./context.ts"
import { bundleOf } from "./explain.ts"
import { contracted } from "./migrate.ts"

export type Rollback = NonNullable<Journal["rollback"]>

/** Chooses the target of the rollback and notes it. @throws {Ended} if no rollback is possible. */
export async function decide(context: Context, why: string): Promise<Rollback> {
  const { book, found } = context
  const journal = book.journal()
  if (journal.rollback !== null) return journal.rollback
  found.bundle = await bundleOf(context, why)
  const known = causeOf(found.bundle)
  const cause = known?.cause ?? null
  const fixes =
    known === null ? ["read the events and the log below, fix the release, and deploy again"] : [known.fix]
  if (journal.action === "rollback")
    throw new Ended(
      end("rollback-failed", `the rollback to ${short(journal.commit)} failed: ${why}`, {
        cause,
        todo: actNow(fixes),
      }),
    )
  const target = rollbackTarget(book.ledger(), journal.number, contracted(context))
  if (!target.allowed)
    throw new Ended(
      end("failed", `${short(journal.commit)} failed and was not rolled back: ${why}`, {
        cause,
        todo: [
          `no rollback: ${target.reason}`,
          ...fixes,
          ...(contracted(context) ? ["deploy a newer commit that works with the current schema"] : []),
        ],
      }),
    )
  const { record } = target
  const services = Object.fromEntries(
    Object.entries(journal.services).map(([name]) => [
      name,
      { ...NOT_ROLLED, revision: record.revisions[name] ?? journal.before[name]?.revision ?? null },
    ]),
  )
  const rollback: Rollback = { to: record.number, commit: record.commit, why, cause, todo: fixes, services }
  await book.note({ rollback })
  return rollback
}

/** Returns what to do if no good release may be live. */
export const actNow = (fixes: readonly string[]): readonly string[] => [
  "act now: check the live services listed here, and whether users are served",
  ...fixes,
]
