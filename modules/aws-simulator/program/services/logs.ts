/** CloudWatch Logs: the output of containers. */
import { AwsError } from "../error.ts"
import { type Fields, numberOr, text, textOr, texts } from "../fields.ts"
import { arn, hex } from "../ids.ts"
import { looks, type Operations } from "../operation.ts"
import type { LogLine, State } from "../state.ts"

/** Without log groups in the world, any group exists. */
function groupsFor(state: State, prefix: string): readonly string[] {
  const { logGroups } = state.world
  return logGroups === null ? [prefix] : logGroups.filter((name) => name.startsWith(prefix))
}

function groupOf(input: Fields): string {
  const nameOrArn = textOr(input, "logGroupName", textOr(input, "logGroupIdentifier", ""))
  return nameOrArn.startsWith("arn:") ? (nameOrArn.split(":")[6] ?? nameOrArn) : nameOrArn
}

function linesOf(state: State, input: Fields): readonly LogLine[] {
  const group = groupOf(input)
  if (!groupsFor(state, group).includes(group)) {
    throw new AwsError("ResourceNotFoundException", "The specified log group does not exist.")
  }
  const from = numberOr(input, "startTime", 0)
  const until = numberOr(input, "endTime", Number.POSITIVE_INFINITY)
  return state.logs.filter((line) => line.group === group && line.at >= from && line.at <= until)
}

/** Matches if all words occur; a pattern in quotes is one phrase. */
function matches(pattern: string, message: string): boolean {
  const words = pattern.match(/"[^"]+"|\S+/g) ?? []
  return words.every((word) => message.includes(word.replaceAll('"', "")))
}

const LIMIT = 10_000

export const logs: Operations = {
  DescribeLogGroups: looks((state, input) => {
    const prefix = textOr(input, "logGroupNamePrefix", "")
    const names = prefix === "" ? (state.world.logGroups ?? []) : groupsFor(state, prefix)
    return {
      logGroups: names.map((name) => ({
        logGroupName: name,
        arn: arn(state.world, "logs", `log-group:${name}:*`),
        creationTime: state.happened.start,
        retentionInDays: 90,
        storedBytes: 0,
      })),
    }
  }),
  GetLogEvents: looks((state, input) => {
    const stream = text(input, "logStreamName")
    const lines = linesOf(state, input).filter((line) => line.stream === stream)
    if (lines.length === 0) {
      throw new AwsError("ResourceNotFoundException", "The specified log stream does not exist.")
    }
    const limit = numberOr(input, "limit", LIMIT)
    const shown = input.startFromHead === true ? lines.slice(0, limit) : lines.slice(-limit)
    return {
      events: shown.map(({ at, message }) => ({ timestamp: at, message, ingestionTime: at })),
      nextForwardToken: `f/${hex(stream, 56)}`,
      nextBackwardToken: `b/${hex(stream, 56)}`,
    }
  }),
  FilterLogEvents: looks((state, input) => {
    const streams = texts(input, "logStreamNames")
    const prefix = textOr(input, "logStreamNamePrefix", "")
    const pattern = textOr(input, "filterPattern", "")
    const found = linesOf(state, input)
      .filter(({ stream }) => streams.length === 0 || streams.includes(stream))
      .filter(({ stream, message }) => stream.startsWith(prefix) && matches(pattern, message))
      .slice(0, numberOr(input, "limit", LIMIT))
    return {
      events: found.map(({ stream, at, message }, index) => ({
        logStreamName: stream,
        timestamp: at,
        message,
        ingestionTime: at,
        eventId: hex(`${stream}/${index}`, 56),
      })),
      searchedLogStreams: [],
    }
  }),
}
