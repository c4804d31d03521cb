import * as z from "zod/mini"
import { Fault } from "./fault.js"

const word = z._default(z.nullable(z.string()), null)
/** For fields that older records have not: reading one must not change its digest. */
const laterWord = z.exactOptional(z.nullable(z.string()))

/** Built when it is asked for: most runs on a laptop bring no context. */
export const contextSchema = () =>
  z.strictObject({
    /** `github`, `gitlab`, …; null on a laptop. */
    vendor: word,
    /** The repository's name at the vendor: `owner/name`. */
    repository: laterWord,
    /** The full hash of the commit that is checked; of a change, often its merge into the base. */
    commit: word,
    /** The full hash of the commit that the author of a change wrote, or null where it is unknown or `commit`. */
    head: laterWord,
    /** The branch, or null for a tag or a detached commit. */
    branch: word,
    tag: word,
    /** The commit or branch that the change is compared with. */
    base: word,
    /** The number of the pull or merge request. */
    change: word,
    /** The vendor's word for what started the run: `pull_request`, `merge_train`, `schedule`. */
    event: laterWord,
    /** Who started the run. */
    actor: word,
    /** Other names of those who started the run, tried it again, or let it go on. */
    starters: z.exactOptional(z.array(z.string())),
    /** Where the vendor shows the run. */
    url: word,
    /** The vendor's name for the run, and which try of it this is. */
    run: word,
    attempt: z._default(z.int(), 1),
    /** Other vendors whose variables are set too: machines of theirs that the vendor's agent runs on. */
    also: z.exactOptional(z.array(z.string())),
  })

/**
 * What a run is for and where it happens. A module cannot see the host's environment: a wrapper hands this over
 * as one JSON value. Only `vendors/` knows how each CI vendor says it.
 */
export type RunContext = z.output<ReturnType<typeof contextSchema>>

/** The context of a run that brings none. */
export const NO_CONTEXT: RunContext = {
  vendor: null,
  commit: null,
  branch: null,
  tag: null,
  base: null,
  change: null,
  actor: null,
  url: null,
  run: null,
  attempt: 1,
}

/** True where a CI vendor runs it: what a laptop may do without is then required. */
export const inCi = (context: RunContext): boolean => context.vendor !== null

/**
 * Reads the value of `--run`.
 *
 * @throws {Fault} `configuration` for what is no such JSON.
 */
export function parseContext(text: string): RunContext {
  if (text.trim() === "") return NO_CONTEXT
  try {
    return contextSchema().parse(JSON.parse(text), { jitless: true })
  } catch (error) {
    const why = error instanceof z.core.$ZodError ? z.prettifyError(error) : String(error)
    throw new Fault("configuration", {
      what: `--run holds no run context: ${why}`,
      where: null,
      fix: `hand over JSON with any of ${Object.keys(contextSchema().shape).join(", ")}`,
    })
  }
}
