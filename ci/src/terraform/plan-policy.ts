import type { Config } from "../config/config.js"
import { isRecord } from "../formats/json.js"
import { folderOf } from "../project/manifest.js"
import type { Finding, Standing } from "../run/result.js"
import type { Change } from "./plan-json.js"
import { UNKNOWN } from "./redact.js"
import { isStateful } from "./resources.js"
import { closure, type Source } from "./roots.js"

type Settings = Pick<Config["terraform"], "tags" | "stateful" | "permissions">
type Permission = Settings["permissions"][number]

const DAY = 86_400_000
/** The longest time of a permission, in days. */
const LONGEST = 30

/** How a plan is judged. */
export interface Judging {
  readonly settings: Settings
  readonly root: string
  /** The configuration, to locate resources. */
  readonly sources: readonly Source[]
  /** Milliseconds since the epoch, by which permissions expire. */
  readonly now: number
}

/** Returns the findings of the policy for a plan's changes. */
export function judgePlan(changes: readonly Change[], judging: Judging): readonly Finding[] {
  const { settings, root, sources } = judging
  const folders = closure(root, sources)
  const found = changes.flatMap((change) => [
    ...destroyed(change, settings, judging.now),
    ...untagged(change, settings.tags),
  ])
  return found.map(({ change, ...finding }) => ({
    ...finding,
    ...placeOf(change, folders, sources),
    tools: ["slipway"],
    fingerprint: `${finding.rule}:${change.address}`,
  }))
}

type Found = Pick<Finding, "rule" | "severity" | "message"> & {
  readonly change: Change
  readonly standing: Standing
}

const GONE: Readonly<Partial<Record<Change["action"], string>>> = {
  delete: "is destroyed",
  replace: "is replaced and loses its data",
}

function destroyed(change: Change, { stateful, permissions }: Settings, now: number): readonly Found[] {
  const gone = GONE[change.action]
  if (gone === undefined || !isStateful(change.type, stateful)) return []
  const forced = change.forces.length === 0 ? "" : ` (forced by ${change.forces.join(", ")})`
  return [
    {
      rule: "terraform-stateful",
      severity: "critical",
      message: `${change.address} ${gone}${forced}`,
      change,
      standing: permitted(
        permissions.filter(({ address }) => address === change.address),
        now,
      ),
    },
  ]
}

function permitted(permissions: readonly Permission[], now: number): Standing {
  const judged = permissions.map((permission) => ({ permission, why: unfit(permission, now) }))
  const fit = judged.find(({ why }) => why === null)
  if (fit) {
    const { owner, reason, expires } = fit.permission
    return { status: "waived", why: `${owner} until ${expires}: ${reason}` }
  }
  return {
    status: "blocks",
    why: judged[0]?.why ?? "it holds data. To permit this, add it to terraform.permissions in slipway.yaml",
  }
}

/** Returns why a permission is invalid; null if it is valid. */
function unfit({ owner, expires }: Permission, now: number): string | null {
  const end = Date.parse(expires)
  if (Number.isNaN(end)) return `the permission of ${owner} has no valid expiry date`
  if (now >= end + DAY) return `the permission of ${owner} expired on ${expires}`
  return end > now + LONGEST * DAY
    ? `the permission of ${owner} until ${expires} exceeds ${LONGEST} days`
    : null
}

const MADE: readonly Change["action"][] = ["create", "update", "replace"]

function untagged(change: Change, required: readonly string[]): readonly Found[] {
  const tags = MADE.includes(change.action) ? tagsOf(change.after) : null
  const lacks = tags === null ? [] : required.filter((tag) => !tags.includes(tag))
  if (lacks.length === 0) return []
  return [
    {
      rule: "terraform-required-tag",
      severity: "high",
      message: `${change.address} lacks the tag${lacks.length === 1 ? "" : "s"} ${lacks.join(", ")}`,
      change,
      standing: { status: "blocks", why: "terraform.tags in slipway.yaml requires it" },
    },
  ]
}

/**
 * Returns the tags of a resource, including default_tags of its provider; null if it takes none, or if they are known
 * only after the apply.
 */
function tagsOf(after: unknown): readonly string[] | null {
  if (!isRecord(after) || !("tags_all" in after || "tags" in after)) return null
  const all = "tags_all" in after ? after.tags_all : after.tags
  if (all === UNKNOWN) return null
  return isRecord(all) ? Object.keys(all) : []
}

/** Locates a resource in the configuration by its type and name. */
function placeOf(
  { type, name }: Change,
  folders: readonly string[],
  sources: readonly Source[],
): Pick<Finding, "file" | "line"> {
  for (const { file, body } of sources.filter((source) => folders.includes(folderOf(source.file))))
    for (const block of body.blocks)
      if (block.type === "resource" && block.labels[0] === type && block.labels[1] === name)
        return { file, line: block.line }
  return { file: null, line: null }
}
