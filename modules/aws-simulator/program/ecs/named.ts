import { nameIn } from "../ids.ts"
import type { State, TaskDefinition } from "../state.ts"

/** Finds a task definition by ARN, `family:revision`, or `family` for the newest that is active. */
export function definitionNamed(state: State, nameOrArn: string): TaskDefinition | null {
  const name = nameIn(nameOrArn)
  const all = state.taskDefinitions
  if (name.includes(":")) return all.find((entry) => `${entry.family}:${entry.revision}` === name) ?? null
  const own = all.filter((entry) => entry.family === name && !entry.inactive)
  return own.reduce<TaskDefinition | null>(
    (newest, entry) => (newest === null || entry.revision > newest.revision ? entry : newest),
    null,
  )
}
