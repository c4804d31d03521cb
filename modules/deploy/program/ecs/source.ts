/** Decides which revision the next one is made from: what runs, what Terraform registered since, or a file. */
import type { TaskDefinition } from "@aws-sdk/client-ecs"
import { findTagged, revisionsAfter, type Tagged } from "../aws/task-definitions.ts"
import { Ended, end } from "../core/outcome.ts"
import { nameOf } from "../core/text.ts"
import type { Service } from "../environment.ts"
import type { Context } from "./context.ts"
import { differences } from "./differences.ts"
import { normal } from "./normal.ts"
import { ACCEPTED, DESCRIBED, plain, registrable } from "./render.ts"

/** Marks our revisions. */
const RELEASE = "slipway:release"
/** The revision that ours was made from: the number of one that we did not register. */
const FROM = "slipway:from"
/** The family's newest revision when ours was made. */
const SEEN = "slipway:seen"

interface Source {
  /** The running revision. */
  readonly live: TaskDefinition
  /** What the next revision is made from. */
  readonly base: TaskDefinition
  /** Tags that tell the next run what this one has seen. */
  readonly tags: Readonly<Record<string, string>>
  /** A choice that people should know of, and the fields that differ; empty: there was none to make. */
  readonly notes: readonly string[]
}

const isOurs = ({ tags }: Tagged): boolean => RELEASE in tags

/** Returns the revision that a revision of ours was made from, or the revision itself. */
async function rootOf({ aws, clock }: Context, live: Tagged): Promise<TaskDefinition> {
  const from = live.tags[FROM]
  if (!isOurs(live) || from === undefined) return live.definition
  const root = await findTagged(aws.ecs, clock, `${live.definition.family}:${from}`)
  return root?.definition ?? live.definition
}

/** Returns the newest revision that others registered after ours; null: they registered none. */
async function newerThan({ aws, clock }: Context, live: Tagged): Promise<TaskDefinition | null> {
  const { family = "", revision = 0 } = live.definition
  const seen = Number(live.tags[SEEN] ?? revision)
  for (const arn of await revisionsAfter(aws.ecs, clock, family, seen)) {
    const one = await findTagged(aws.ecs, clock, arn)
    if (one !== null && !isOurs(one) && arn !== live.definition.taskDefinitionArn) return one.definition
  }
  return null
}

const revisionName = (definition: TaskDefinition): string => nameOf(definition.taskDefinitionArn ?? "")

const indented = (lines: readonly string[]): readonly string[] => lines.map((line) => `  ${line}`)

const wrongFile = (file: string, what: string): Ended =>
  new Ended(
    end("refused", `${file} ${what}`, { todo: ["correct the file; no schema and no service was changed"] }),
  )

/** Returns the task definition of a file. @throws {Ended} `refused` for a file that ECS would not accept. */
function definitionIn(context: Context, file: string, live: TaskDefinition): TaskDefinition {
  const read = context.request.taskDefinitions[file]
  if (read === undefined) throw wrongFile(file, "was not passed: the request has no such task definition")
  const strange = Object.keys(read).filter((member) => !ACCEPTED.has(member) && !DESCRIBED.has(member))
  if (strange.length > 0)
    throw wrongFile(file, `has keys that RegisterTaskDefinition does not know: ${strange.join(", ")}`)
  return { ...registrable(read), family: live.family }
}

interface Settings {
  readonly container: string
  readonly rule: Service["taskDefinition"]
}

/** What is chosen, and why. */
function chosen(
  context: Context,
  { container, rule }: Settings,
  found: {
    readonly live: TaskDefinition
    readonly root: TaskDefinition
    readonly newer: TaskDefinition | null
  },
): Pick<Source, "base" | "notes"> {
  const { live, root, newer } = found
  const fields = (from: TaskDefinition, to: TaskDefinition, flags = {}) => {
    const [was, is] = [from, to].map((one) => normal(plain(one, { container, flags })))
    return indented(differences(was ?? {}, is ?? {}))
  }
  if (typeof rule === "object") {
    const base = definitionIn(context, rule.file, live)
    // What the file says already runs, if it did not change.
    const lines = fields(live, base, context.request.environment.featureFlags)
    return {
      base,
      notes:
        lines.length === 0
          ? []
          : [`made from ${rule.file}, which differs from ${revisionName(live)}:`, ...lines],
    }
  }
  const lines = newer === null ? [] : fields(root, newer)
  if (newer === null || lines.length === 0)
    return { base: newer !== null && rule === "latest" ? newer : root, notes: [] }
  const which = `${revisionName(newer)}, which is newer than the live ${revisionName(live)} and differs`
  return rule === "latest"
    ? { base: newer, notes: [`made from ${which} (taskDefinition: latest):`, ...lines] }
    : { base: root, notes: [`not made from ${which} (taskDefinition: live):`, ...lines] }
}

/**
 * Returns what the next revision is made from.
 *
 * @param name a family, or the ARN of the live revision.
 * @returns null if there is no such task definition.
 */
export async function sourceOf(context: Context, name: string, settings: Settings): Promise<Source | null> {
  const found = await findTagged(context.aws.ecs, context.clock, name)
  if (found === null) return null
  const [root, newer] = [await rootOf(context, found), await newerThan(context, found)]
  const live = found.definition
  const { base, notes } = chosen(context, settings, { live, root, newer })
  const from = base.revision ?? root.revision ?? 0
  // One that was not taken stays new: it is named again, and taken as soon as the rule says so.
  const seen = newer === null || base === newer ? (newer ?? live).revision : found.tags[SEEN]
  return { live, base, notes, tags: { [FROM]: String(from), [SEEN]: String(seen ?? live.revision) } }
}
