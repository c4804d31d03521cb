import * as z from "zod"
import { type Back, backSchema, doneShape, type Flight, openedSchema, rolledMap } from "./journal.ts"

/** The release in flight as version 1 of the ledger has it. */
export const firstJournalSchema = z
  .strictObject({
    ...openedSchema.shape,
    ...doneShape,
    approvals: z.array(z.string()).default([]),
    breakGlass: z.string().nullable().default(null),
    verdict: z.string().nullable().default(null),
    rollback: z.strictObject({ ...backSchema.shape, services: rolledMap }).nullable(),
  })
  .transform((first): Flight => {
    const { number, action, commit, author, images, to, parts, run, started, before } = first
    const { done, snapshot, migration, services, bake, ringing, rollback } = first
    const { approvals, breakGlass, verdict } = first
    const back = rollback === null ? null : withoutServices(rollback)
    const returned = rollback?.services ?? {}
    const set = {
      done,
      snapshot,
      migration,
      services,
      bake,
      ringing,
      back,
      returned,
      approvals,
      breakGlass,
      verdict,
    }
    return {
      opened: { number, action, commit, author, images, to, parts, run, started, before },
      events: [{ at: started, run: run.id, set }],
    }
  })

const withoutServices = ({ to, commit, why, cause, todo, left }: Back): Back => ({
  to,
  commit,
  why,
  cause,
  todo,
  left,
})
