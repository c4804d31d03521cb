import type { Config } from "../../ci/src/config/config.js"
import { oneLine } from "../../ci/src/formats/clean.js"
import { duration, iso, plural } from "../../ci/src/formats/figures.js"
import { SEVERITIES } from "../../ci/src/run/finding-schema.js"
import type { RunRecord, Severity } from "../../ci/src/run/result.js"
import { deliver, type Message, nameOf, type Ways } from "../../modules/deploy/program/core/channels.ts"
import { type Cause, causesOf, type Event } from "./causes.js"
import { after, type Known, type State } from "./state.js"

export type Channel = Config["notifications"][number]

/** A message to one channel about a run. */
interface Notice {
  readonly channel: Channel
  readonly event: Event
  /** Keys of the causes in it. */
  readonly keys: readonly string[]
  readonly message: Message
}

/** Names a channel in the state. */
const idOf = (channel: Channel): string => `${channel.kind} ${nameOf(channel)}`

const rank = (severity: Severity): number => SEVERITIES.indexOf(severity)

/** Severities as PagerDuty has them. */
const PAGED: Readonly<Record<Severity, Message["incident"]["severity"]>> = {
  critical: "critical",
  high: "error",
  medium: "warning",
  low: "info",
  info: "info",
}

/** How many causes a message lists. */
const SHOWN = 10

const COUNTS: Readonly<Record<Cause["event"], (count: number) => string>> = {
  red: (count) => plural(count, "new cause", "new causes"),
  flaky: (count) => plural(count, "new flaky test"),
  finding: (count) => plural(count, "new security finding"),
  slow: (count) => plural(count, "limit exceeded", "limits exceeded"),
}

const place = ({ project, context: { branch } }: RunRecord): string =>
  oneLine([project, branch].filter(Boolean).join(" "), 120)

const lines = (texts: readonly string[]): readonly string[] => [
  ...texts.slice(0, SHOWN).map((text) => oneLine(text, 300)),
  ...(texts.length > SHOWN ? [`… and ${texts.length - SHOWN} more`] : []),
]

function messageOf(
  record: RunRecord,
  event: Event,
  headline: string,
  texts: readonly string[],
  severity: Severity,
): Message {
  const { project, context, verdict } = record
  const { commit, actor, url } = context
  const who = [
    ...(commit === null ? [] : [`commit ${commit.slice(0, 12)}`]),
    ...(actor === null ? [] : [`by ${oneLine(actor)}`]),
    ...(url === null ? [] : [url]),
  ].join("  ")
  const text = [...lines(texts), who].filter(Boolean).join("\n")
  const one = event === "fixed" ? "red" : event
  return {
    headline,
    text,
    url,
    body: { version: 1, event, severity, headline, causes: texts, project, verdict, context },
    incident: {
      action: event === "fixed" ? "resolve" : "trigger",
      key: `slipway-check-${project}-${one}`,
      severity: PAGED[severity],
      source: `slipway ${project}`,
    },
  }
}

function causeNotice(
  record: RunRecord,
  channel: Channel,
  event: Cause["event"],
  causes: readonly Cause[],
): Notice {
  const worst = causes.reduce<Severity>(
    (a, { severity }) => (rank(severity) > rank(a) ? severity : a),
    "info",
  )
  const what = event === "red" ? `${record.verdict}: ` : ""
  const headline = `${what}${place(record)}: ${COUNTS[event](causes.length)}`
  const texts = causes.map(({ text }) => text)
  return {
    channel,
    event,
    keys: causes.map(({ key }) => key),
    message: messageOf(record, event, headline, texts, worst),
  }
}

function fixedNotice(record: RunRecord, channel: Channel, fixed: readonly Known[]): Notice {
  const since = fixed.reduce((first, { since }) => Math.min(first, since), record.startedAt)
  const headline = `fixed: ${place(record)} is green again after ${duration(record.endedAt - since)}`
  const texts = [`red since ${iso(since)}`, ...fixed.map(({ text }) => `was: ${text}`)]
  return { channel, event: "fixed", keys: [], message: messageOf(record, "fixed", headline, texts, "info") }
}

const EVENTS_OF_CAUSES = ["red", "finding", "slow", "flaky"] as const

/** Returns what each channel is told of a run, and the state when all have been told. */
export function noticesOf(
  before: State,
  record: RunRecord,
  channels: readonly Channel[],
): { readonly notices: readonly Notice[]; readonly state: State; readonly fixed: readonly Known[] } {
  const causes = causesOf(record)
  const { state, fixed } = after(before, record, causes)
  const notices = channels.flatMap((channel): readonly Notice[] => {
    const wanted = causes.filter(
      ({ event, key, severity }) =>
        channel.on.includes(event) &&
        rank(severity) >= rank(channel.severity) &&
        !state.causes[key]?.told.includes(idOf(channel)),
    )
    const unique = [...new Map(wanted.map((cause) => [cause.key, cause])).values()]
    const mended = channel.on.includes("fixed")
      ? fixed.filter(({ told }) => told.includes(idOf(channel)))
      : []
    return [
      ...EVENTS_OF_CAUSES.flatMap((event) => {
        const own = unique.filter((cause) => cause.event === event)
        return own.length === 0 ? [] : [causeNotice(record, channel, event, own)]
      }),
      ...(mended.length === 0 ? [] : [fixedNotice(record, channel, mended)]),
    ]
  })
  return { notices, state, fixed }
}

/** The outcome of {@link tell}. */
export interface Told {
  readonly state: State
  /** `slack team: failed: clinic main: 1 new cause` */
  readonly sent: readonly string[]
  readonly failed: readonly string[]
}

/** Sends each channel its messages about a run. A message that fails is sent again after the next run. */
export async function tell(
  before: State,
  record: RunRecord,
  channels: readonly Channel[],
  ways: Ways,
): Promise<Told> {
  const { notices, state, fixed } = noticesOf(before, record, channels)
  const causes = { ...state.causes }
  const [sent, failed]: [string[], string[]] = [[], []]
  for (const { channel, event, keys, message } of notices) {
    const id = idOf(channel)
    try {
      await deliver(ways, channel, message)
      sent.push(`${id}: ${message.headline}`)
      for (const key of keys) {
        const known = causes[key]
        if (known) causes[key] = { ...known, told: [...known.told, id] }
      }
    } catch (error) {
      failed.push(`${id}: ${oneLine(error instanceof Error ? error.message : String(error))}`)
      if (event === "fixed") Object.assign(causes, remembered(before, fixed, id))
    }
  }
  return { state: { ...state, causes }, sent, failed }
}

/** Returns fixed causes of which a channel does not know yet that they are fixed. */
const remembered = (before: State, fixed: readonly Known[], id: string): State["causes"] =>
  Object.fromEntries(
    Object.entries(before.causes)
      .filter(([, known]) => fixed.includes(known))
      .map(([key, known]) => [key, { ...known, told: [id] }]),
  )
