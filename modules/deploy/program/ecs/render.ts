/** Makes the next revision of a task definition. */

import { isDeepStrictEqual } from "node:util"
import {
  type KeyValuePair,
  type RegisterTaskDefinitionRequest,
  RegisterTaskDefinitionRequest$,
  type TaskDefinition,
  TaskDefinition$,
} from "@aws-sdk/client-ecs"
import { differences } from "./differences.ts"
import { normal } from "./normal.ts"

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

/** The members that RegisterTaskDefinition accepts, from the SDK's model: a member that AWS adds is kept. */
export const ACCEPTED: ReadonlySet<string> = new Set(RegisterTaskDefinitionRequest$[4])

/** The members that DescribeTaskDefinition answers with: files that were made from its output have them. */
export const DESCRIBED: ReadonlySet<string> = new Set(TaskDefinition$[4])

/** Returns the members of a task definition that RegisterTaskDefinition accepts. */
export function registrable(definition: TaskDefinition): RegisterTaskDefinitionRequest {
  const { family, containerDefinitions, ...rest } = definition
  const accepted = Object.fromEntries(Object.entries(rest).filter(([member]) => ACCEPTED.has(member)))
  return { ...accepted, family, containerDefinitions }
}

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

/** Renders the next revision from another one. Only image and flags change. */
export function render(base: TaskDefinition, { container, image, flags }: Change): Rendered {
  const before = registrable(base)
  const containers = before.containerDefinitions ?? []
  if (!containers.some(({ name }) => name === container)) {
    const names = containers.map(({ name }) => name).join(", ")
    return {
      ok: false,
      problem: `task definition ${base.family} has no container ${container}; it has ${names || "none"}`,
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
  isDeepStrictEqual(normal(registrable(registered)), normal({ ...next, tags: undefined }))

/** Returns a definition without what every release sets: image and flags. */
export function plain(definition: TaskDefinition, change: Pick<Change, "container" | "flags">): object {
  const { containerDefinitions = [], ...rest } = registrable(definition)
  return {
    ...rest,
    containerDefinitions: containerDefinitions.map((one) =>
      one.name !== change.container
        ? one
        : {
            ...one,
            image: undefined,
            environment: one.environment?.filter(({ name }) => name === undefined || !(name in change.flags)),
          },
    ),
  }
}

/**
 * Returns the differences: `- ` for live values, `+ ` for new ones. Of environment variables other than flags, only the
 * names are shown: they may hold secrets.
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
  const others = differences(normal(plain(live, change)), normal(plain(next, change)))
  return [...lines, ...flags, ...others]
}
