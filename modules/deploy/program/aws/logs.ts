/** The end of a container's log. */
import { type CloudWatchLogsClient, GetLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs"
import type { TaskDefinition } from "@aws-sdk/client-ecs"
import type { Clock } from "../clock.ts"
import { nameOf, oneLine } from "../plan/text.ts"
import { AwsFault, call } from "./retry.ts"

const LINES = 100

/** Where the awslogs driver writes a container's log; null where another driver does. */
export function streamOf(definition: TaskDefinition, container: string, task: string) {
  const log = definition.containerDefinitions?.find(({ name }) => name === container)?.logConfiguration
  const group = log?.options?.["awslogs-group"]
  const prefix = log?.options?.["awslogs-stream-prefix"]
  if (log?.logDriver !== "awslogs" || !group || !prefix) return null
  return { group, stream: `${prefix}/${container}/${nameOf(task)}` }
}

/** The last lines of a container's log, or one line that says why there are none. Never throws for a missing log. */
export async function logTail(
  logs: CloudWatchLogsClient,
  clock: Clock,
  place: { readonly group: string; readonly stream: string } | null,
): Promise<readonly string[]> {
  if (place === null) return []
  try {
    const { events = [] } = await call(clock, "Logs GetLogEvents", () =>
      logs.send(
        new GetLogEventsCommand({
          logGroupName: place.group,
          logStreamName: place.stream,
          limit: LINES,
          startFromHead: false,
        }),
      ),
    )
    return events.map(({ message }) => oneLine(message ?? "", 500))
  } catch (error) {
    if (error instanceof AwsFault && error.kind === "missing") return ["(the container wrote no log)"]
    if (error instanceof AwsFault)
      return [`(the log ${place.group} ${place.stream} cannot be read: ${error.code})`]
    throw error
  }
}
