/** Where to go back to, and whether that is allowed. */
import type { Given } from "../given.ts"
import { causeOf } from "../plan/cause.ts"
import { Ended, end } from "../plan/outcome.ts"
import { rollbackTarget } from "../plan/release.ts"
import { type Journal, NOT_ROLLED } from "../plan/state.ts"
import { short } from "../plan/text.ts"
import { bundleOf } from "./failure.ts"
import { contracted } from "./migration.ts"

export type WayBack = NonNullable<Journal["rollback"]>

/** Decides where to go back to, and writes it down. @throws {Ended} where there is no way back. */
export async function decide(given: Given, why: string): Promise<WayBack> {
  const { book, found } = given
  const journal = book.journal()
  if (journal.rollback !== null) return journal.rollback
  found.bundle = await bundleOf(given, why)
  const known = causeOf(found.bundle)
  const cause = known?.cause ?? null
  const fixes =
    known === null ? ["read the events and the log below, mend it, and deploy again"] : [known.fix]
  if (journal.action === "rollback")
    throw new Ended(
      end("rollback-failed", `the rollback to ${short(journal.commit)} failed: ${why}`, {
        cause,
        todo: actNow(fixes),
      }),
    )
  const target = rollbackTarget(book.ledger(), journal.number, contracted(given))
  if (!target.allowed)
    throw new Ended(
      end("failed", `${short(journal.commit)} is bad, and was not rolled back: ${why}`, {
        cause,
        todo: [
          `there was no way back: ${target.reason}`,
          ...fixes,
          ...(contracted(given)
            ? ["mend it forward: deploy a commit that works with the schema as it is"]
            : []),
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
  const rollback: WayBack = { to: record.number, commit: record.commit, why, cause, todo: fixes, services }
  await book.note({ rollback })
  return rollback
}

/** What to do where nothing serves. */
export const actNow = (fixes: readonly string[]): readonly string[] => [
  "act now: look at what is live below, and whether users are served",
  ...fixes,
]
