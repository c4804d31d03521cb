/** Makes the next revision of a task definition from the live one. */

import { isDeepStrictEqual } from "node:util"
import type { KeyValuePair, RegisterTaskDefinitionRequest, TaskDefinition } from "@aws-sdk/client-ecs"

/** What a release changes in a task definition. */
export interface Change {
  readonly container: string
  /** Reference with digest; null keeps the image. */
  readonly image: string | null
  /** Environment variables to set. */
  readonly flags: Readonly<Record<string, string>>
}

type Rendered =
  | { readonly ok: true; readonly next: RegisterTaskDefinitionRequest; readonly same: boolean }
  | { readonly ok: false; readonly problem: string }

/** Removes the members of a task definition that RegisterTaskDefinition does not accept. */
const registrable = ({
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

/** Sets flags in a container's environment; new ones are added in alphabetical order. */
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

/** Renders the next revision. Only image and flags change. */
export function render(live: TaskDefinition, { container, image, flags }: Change): Rendered {
  const before = registrable(live)
  const containers = before.containerDefinitions ?? []
  if (!containers.some(({ name }) => name === container)) {
    const names = containers.map(({ name }) => name).join(", ")
    return {
      ok: false,
      problem: `task definition ${live.family} has no container ${container}; it has ${names || "none"}`,
    }
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

/** Compares a registered revision with a new one. Tags do not count. */
export const sameContent = (registered: TaskDefinition, next: RegisterTaskDefinitionRequest): boolean =>
  isDeepStrictEqual(tidy(registrable(registered)), tidy({ ...next, tags: undefined }))

/** Removes undefined members and empty lists: ECS adds empty lists to its responses. */
function tidy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(tidy)
  if (typeof value !== "object" || value === null || value instanceof Date) return value
  const kept = Object.entries(value)
    .filter(([, one]) => one !== undefined && !(Array.isArray(one) && one.length === 0))
    .map(([key, one]) => [key, tidy(one)])
  return Object.fromEntries(kept)
}

/**
 * Returns the differences: `- ` for live values, `+ ` for new ones. Environment variables other than flags are left out:
 * they may hold secrets.
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
