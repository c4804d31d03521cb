import { type Fields, records, text, without } from "../fields.ts"
import { arn } from "../ids.ts"
import type { State, TaskDefinition } from "../state.ts"

/** Registers the next revision of the family. */
export function register(state: State, input: Fields, by: string): readonly [TaskDefinition, State] {
  const family = text(input, "family")
  const revisions = state.taskDefinitions
    .filter((entry) => entry.family === family)
    .map((entry) => entry.revision)
  const revision = Math.max(0, ...revisions) + 1
  const definition: TaskDefinition = {
    arn: arn(state.world, "ecs", `task-definition/${family}:${revision}`),
    family,
    revision,
    registeredAt: state.now,
    registeredBy: by,
    tags: records(input, "tags"),
    registered: without(input, "family", "tags"),
  }
  return [definition, { ...state, taskDefinitions: [...state.taskDefinitions, definition] }]
}
