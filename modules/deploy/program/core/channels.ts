/** Channels that notify people: of deployments, and of checks. */
import { rewritten } from "./checks.ts"
import { PACES, type Pace } from "./paces.ts"
import { messageOf, oneLine } from "./text.ts"

/** A channel. `name` is the key of its address in the secret of notifications. */
export type Channel =
  | { readonly kind: "slack" | "webhook" | "pagerduty"; readonly name: string }
  | { readonly kind: "email"; readonly topic: string }

/** A message to people. */
export interface Message {
  /** One line. */
  readonly headline: string
  readonly text: string
  /** What a webhook gets. */
  readonly body: object
  /** The incident that it opens or ends in PagerDuty. */
  readonly incident: {
    readonly action: "trigger" | "resolve"
    readonly key: string
    readonly severity: "critical" | "error" | "warning" | "info"
    readonly source: string
  }
  /** The page of the run, or null. */
  readonly url: string | null
}

/** What sending a message needs. */
export interface Ways {
  /** Addresses and keys by name: secrets. */
  readonly addresses: Readonly<Record<string, string>>
  /** Replacements of URL prefixes, for rehearsals and tests. */
  readonly endpoints: Readonly<Record<string, string>>
  readonly sleep: (milliseconds: number) => Promise<void>
  /** `quick`: a message arrives within seconds, or not at all. */
  readonly pace?: Pace
  readonly publish: (message: {
    readonly topic: string
    readonly subject: string
    readonly text: string
  }) => Promise<void>
}

const PAGERDUTY = "https://events.pagerduty.com/v2/enqueue"
const RETRY_MS = 2_000
/** Length limit of a summary in PagerDuty. */
const SUMMARY = 1024

interface Post {
  readonly url: string
  readonly body: object
}

const POSTS: Readonly<
  Record<"slack" | "webhook" | "pagerduty", (address: string, message: Message) => Post>
> = {
  slack: (url, { headline, text }) => ({ url, body: { text: `*${headline}*\n\`\`\`\n${text}\n\`\`\`` } }),
  webhook: (url, { body }) => ({ url, body }),
  pagerduty: (key, { headline, text, url, incident }) => ({
    url: PAGERDUTY,
    body: {
      routing_key: key,
      event_action: incident.action,
      dedup_key: incident.key,
      payload: {
        summary: oneLine(headline, SUMMARY),
        severity: incident.severity,
        source: incident.source,
        custom_details: { text, run: url },
      },
    },
  }),
}

async function post({ endpoints, sleep, pace = "patient" }: Ways, { url, body }: Post): Promise<void> {
  const { attempts, timeout } = PACES[pace]
  const target = rewritten(url, endpoints)
  // The error of fetch would contain the address, which is secret.
  if (!URL.canParse(target)) throw new Error("its address is not a URL")
  for (let attempt = 1; ; attempt += 1) {
    const wrong = await fetch(target, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(timeout),
    }).then(async (answer) => {
      await answer.arrayBuffer()
      return answer.ok ? null : `answers ${answer.status}`
    }, messageOf)
    if (wrong === null) return
    if (attempt >= attempts) throw new Error(wrong)
    await sleep(RETRY_MS)
  }
}

/** Length limit of a subject in SNS, which requires ASCII without line breaks. */
const SUBJECT = 100

const subjectOf = (headline: string): string => headline.replace(/[^ -~]/g, "-").slice(0, SUBJECT)

/** The name of a channel for messages and logs: never its address. */
export const nameOf = (channel: Channel): string => ("name" in channel ? channel.name : channel.topic)

/** Sends a message to a channel. @throws Error where it does not arrive, without the channel's address. */
export async function deliver(ways: Ways, channel: Channel, message: Message): Promise<void> {
  if (channel.kind === "email")
    return ways.publish({ topic: channel.topic, subject: subjectOf(message.headline), text: message.text })
  const address = ways.addresses[channel.name]
  if (address === undefined) throw new Error(`the notifications secret has no key ${channel.name}`)
  await post(ways, POSTS[channel.kind](address, message))
}
