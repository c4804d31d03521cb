import * as z from "zod/mini"
import { isRecord, parseJson, recordsOf } from "../formats/json.js"
import { Fault } from "../run/fault.js"
import { type Difference, redactedDifferences } from "./differences.js"
import { blot, redact, sensitiveTexts, withUnknown } from "./redact.js"

/** What a plan does with a resource. */
export type Action = "create" | "update" | "replace" | "delete" | "forget" | "read" | "no-op"

/** A resource in a plan, without sensitive values. */
export interface Change {
  readonly address: string
  readonly type: string
  readonly name: string
  readonly action: Action
  /** Why Terraform does so, in its words: `replace_because_cannot_update`; null if it gives no reason. */
  readonly reason: string | null
  /** The attributes whose change forces a replacement. */
  readonly forces: readonly string[]
  readonly differences: readonly Difference[]
  /** The resource afterwards; null if it is destroyed. */
  readonly after: unknown
}

/** A plan or a drift check, without sensitive values. */
export interface Plan {
  readonly version: string
  readonly changes: readonly Change[]
  /** Changes made outside of Terraform since the last apply. */
  readonly drift: readonly Change[]
  readonly outputs: readonly { readonly name: string; readonly action: Action }[]
}

const change = z.object({
  actions: z.array(z.string()),
  before: z.optional(z.unknown()),
  after: z.optional(z.unknown()),
  after_unknown: z.optional(z.unknown()),
  before_sensitive: z.optional(z.unknown()),
  after_sensitive: z.optional(z.unknown()),
  replace_paths: z.optional(z.array(z.array(z.union([z.string(), z.number()])))),
})

const resource = z.object({
  address: z.string(),
  mode: z.string(),
  type: z.string(),
  name: z.string(),
  action_reason: z.optional(z.string()),
  change,
})

const schema = z.object({
  format_version: z.string(),
  terraform_version: z.string(),
  variables: z._default(z.record(z.string(), z.object({ value: z.optional(z.unknown()) })), {}),
  resource_changes: z._default(z.array(resource), []),
  resource_drift: z._default(z.array(resource), []),
  output_changes: z._default(z.record(z.string(), change), {}),
  configuration: z.optional(
    z.object({
      root_module: z.optional(
        z.object({
          variables: z._default(z.record(z.string(), z.object({ sensitive: z.optional(z.boolean()) })), {}),
        }),
      ),
    }),
  ),
})

type Raw = z.output<typeof schema>
type RawChange = z.output<typeof change>

/**
 * Reads what `show -json` says of a plan. Nothing sensitive is in the result: neither what Terraform marks, nor the
 * same text elsewhere.
 *
 * @see https://developer.hashicorp.com/terraform/internals/json-format
 * @throws {Fault} for a plan in an unknown format.
 */
export function readPlan(text: string): Plan {
  const read = schema.safeParse(parseJson(text), { jitless: true })
  if (!read.success || !read.data.format_version.startsWith("1."))
    throw new Fault("errored", {
      what: "the plan has an unknown format",
      where: null,
      fix: "use Terraform or OpenTofu 1.4 or later",
    })
  const raw = read.data
  const secrets = secretsOf(raw)
  const clean = (resources: Raw["resource_changes"]) =>
    resources.filter(({ mode }) => mode === "managed").map((one) => changeOf(one, secrets))
  return {
    version: raw.terraform_version,
    changes: clean(raw.resource_changes).filter(({ action }) => action !== "no-op"),
    drift: clean(raw.resource_drift).filter(({ action }) => action !== "no-op"),
    outputs: Object.entries(raw.output_changes)
      .map(([name, { actions }]) => ({ name, action: actionOf(actions) }))
      .filter(({ action }) => action !== "no-op"),
  }
}

/** Returns all texts that are marked as sensitive anywhere. */
function secretsOf({
  variables,
  resource_changes,
  resource_drift,
  output_changes,
  configuration,
}: Raw): ReadonlySet<string> {
  const changes = [
    ...[...resource_changes, ...resource_drift].map((one) => one.change),
    ...Object.values(output_changes),
  ]
  const declared = configuration?.root_module?.variables ?? {}
  return new Set([
    ...Object.entries(variables).flatMap(([name, { value }]) =>
      sensitiveTexts(value, declared[name]?.sensitive === true),
    ),
    ...changes.flatMap(({ before, before_sensitive, after, after_sensitive }) => [
      ...sensitiveTexts(before, before_sensitive),
      ...sensitiveTexts(after, after_sensitive),
    ]),
  ])
}

function changeOf(
  { address, type, name, action_reason, change }: Raw["resource_changes"][number],
  secrets: ReadonlySet<string>,
): Change {
  const after = withUnknown(change.after, change.after_unknown)
  const masks = [change.before_sensitive, change.after_sensitive] as const
  const action = actionOf(change.actions)
  const changed = action === "update" || action === "replace"
  return {
    address,
    type,
    name,
    action,
    reason: action_reason ?? null,
    forces: (change.replace_paths ?? []).map((steps) => steps.join(".")),
    differences: changed
      ? redactedDifferences([change.before, after], masks).map(({ path, before, after }) => ({
          path,
          before: blot(before, secrets),
          after: blot(after, secrets),
        }))
      : [],
    after: blot(redact(after, change.after_sensitive), secrets),
  }
}

const ACTIONS: Readonly<Record<string, Action>> = {
  create: "create",
  update: "update",
  delete: "delete",
  forget: "forget",
  read: "read",
  "no-op": "no-op",
  "delete,create": "replace",
  "create,delete": "replace",
  "create,forget": "replace",
}

/** An unknown action counts as the worst. */
const actionOf = (actions: RawChange["actions"]): Action => ACTIONS[actions.join()] ?? "delete"

/** True for what {@link readPlan} made, as JSON. */
export const isPlan = (value: unknown): value is Plan =>
  isRecord(value) &&
  typeof value.version === "string" &&
  [value.changes, value.drift, value.outputs].every(Array.isArray) &&
  recordsOf(value.changes).every(
    ({ address, type, action, forces }) =>
      [address, type, action].every((text) => typeof text === "string") && Array.isArray(forces),
  )
