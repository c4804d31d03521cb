/** The next revision of a task definition, made from the one that is live. */

import { isDeepStrictEqual } from "node:util"
import type { KeyValuePair, RegisterTaskDefinitionRequest, TaskDefinition } from "@aws-sdk/client-ecs"

/** What changes from one release to the next. */
export interface Change {
  readonly container: string
  /** By digest; null leaves the image. */
  readonly image: string | null
  /** Environment variables that are set. */
  readonly flags: Readonly<Record<string, string>>
}

export type Rendered =
  | { readonly ok: true; readonly next: RegisterTaskDefinitionRequest; readonly same: boolean }
  | { readonly ok: false; readonly problem: string }

/** A task definition as it can be registered again: without what ECS says of one, and does not take. */
export const registrable = ({
  taskDefinitionArn: _arn,
  revision: _revision,
  status: _status,
  requiresAttributes: _attributes,
  compatibilities: _compatibilities,
  registeredAt: _at,
  registeredBy: _by,
  deregisteredAt: _deregistered,
  deleteRequestedAt: _deleted,
  ...rest
}: TaskDefinition): RegisterTaskDefinitionRequest => ({
  ...rest,
  family: rest.family,
  containerDefinitions: rest.containerDefinitions,
})

/** The flags in their order of names, over what the container has already. */
function withFlags(environment: readonly KeyValuePair[], flags: Readonly<Record<string, string>>) {
  const kept = environment.map((one) =>
    one.name !== undefined && one.name in flags ? { name: one.name, value: flags[one.name] } : one,
  )
  const has = new Set(environment.map(({ name }) => name))
  const added = Object.keys(flags)
    .filter((name) => !has.has(name))
    .sort()
    .map((name) => ({ name, value: flags[name] }))
  return [...kept, ...added]
}

/** Renders the next revision from the live one. Everything but the image and the flags stays as it is. */
export function render(live: TaskDefinition, { container, image, flags }: Change): Rendered {
  const before = registrable(live)
  const containers = before.containerDefinitions ?? []
  if (!containers.some(({ name }) => name === container)) {
    const names = containers.map(({ name }) => name).join(", ")
    return { ok: false, problem: `${live.family} has no container ${container}; it has ${names || "none"}` }
  }
  const next = {
    ...before,
    containerDefinitions: containers.map((one) =>
      one.name !== container
        ? one
        : {
            ...one,
            ...(image === null ? {} : { image }),
            ...(Object.keys(flags).length === 0
              ? {}
              : { environment: withFlags(one.environment ?? [], flags) }),
          },
    ),
  }
  return { ok: true, next, same: isDeepStrictEqual(next, before) }
}

/** Whether a registered revision is what would be registered. Tags are not of its content. */
export const sameContent = (registered: TaskDefinition, wanted: RegisterTaskDefinitionRequest): boolean =>
  isDeepStrictEqual(tidy(registrable(registered)), tidy({ ...wanted, tags: undefined }))

/** Without what is empty or undefined: ECS answers with more empty lists than it was given. */
function tidy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(tidy)
  if (typeof value !== "object" || value === null || value instanceof Date) return value
  const kept = Object.entries(value)
    .filter(([, one]) => one !== undefined && !(Array.isArray(one) && one.length === 0))
    .map(([key, one]) => [key, tidy(one)])
  return Object.fromEntries(kept)
}

/**
 * What differs, a line each: `- ` what is live, `+ ` what comes. Values of environment variables are only shown for
 * flags: others may be secrets.
 */
export function revisionDiff(
  live: TaskDefinition,
  next: RegisterTaskDefinitionRequest,
  change: Change,
): string[] {
  const imageOf = (definition: Pick<TaskDefinition, "containerDefinitions">) =>
    definition.containerDefinitions?.find(({ name }) => name === change.container)
  const before = imageOf(live)
  const after = imageOf(next)
  const lines = before?.image === after?.image ? [] : [`- image ${before?.image}`, `+ image ${after?.image}`]
  const had = new Map((before?.environment ?? []).map(({ name, value }) => [name, value]))
  const flags = Object.entries(change.flags).flatMap(([name, value]) => {
    if (had.get(name) === value) return []
    const was = had.has(name) ? [`- ${name}=${had.get(name)}`] : []
    return [...was, `+ ${name}=${value}`]
  })
  return [...lines, ...flags]
}
