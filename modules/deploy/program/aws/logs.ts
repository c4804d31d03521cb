/** Reads the end of a container's log. */
import { type CloudWatchLogsClient, GetLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs"
import type { TaskDefinition } from "@aws-sdk/client-ecs"
import type { Clock } from "../core/clock.ts"
import { nameOf, oneLine } from "../core/text.ts"
import { AwsFault, call } from "./retry.ts"

const LINES = 100

/** Returns the log stream of a container; null if it does not use the awslogs driver. */
export function streamOf(definition: TaskDefinition, container: string, task: string) {
  const log = definition.containerDefinitions?.find(({ name }) => name === container)?.logConfiguration
  const group = log?.options?.["awslogs-group"]
  const prefix = log?.options?.["awslogs-stream-prefix"]
  if (log?.logDriver !== "awslogs" || !group || !prefix) return null
  return { group, stream: `${prefix}/${container}/${nameOf(task)}` }
}

/** Returns the last lines of a log, or one line with the reason why there are none. */
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
    if (error instanceof AwsFault && error.kind === "missing") return ["(no log found for the container)"]
    if (error instanceof AwsFault) return [`(cannot read log ${place.group} ${place.stream}: ${error.code})`]
    throw error
  }
}
