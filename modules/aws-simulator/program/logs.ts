/** Stores log lines in the group and stream that the awslogs driver would choose. */
import { type Fields, fieldsOf, records, textOr } from "./fields.ts"
import type { LogLine, State, Task } from "./state.ts"

interface Stream {
  readonly group: string
  readonly stream: string
}

function streamOf(definition: Fields, task: Task, container: string): Stream | null {
  const found = records(definition, "containerDefinitions").find(({ name }) => name === container)
  const options = fieldsOf(fieldsOf(found ?? {}, "logConfiguration"), "options")
  const group = textOr(options, "awslogs-group", null)
  const prefix = textOr(options, "awslogs-stream-prefix", "ecs")
  return group === null ? null : { group, stream: `${prefix}/${container}/${task.id}` }
}

/** Appends a container's output to its log, if it has one. */
export function append(state: State, task: Task, container: string, output: string): State {
  const definition = state.taskDefinitions.find(({ arn }) => arn === task.taskDefinition)?.registered ?? {}
  const stream = streamOf(definition, task, container)
  if (stream === null || output === "") return state
  const lines = output.replace(/\n$/, "").split("\n")
  const logged: readonly LogLine[] = lines.map((message) => ({ ...stream, at: state.now, message }))
  return { ...state, logs: [...state.logs, ...logged] }
}
