import type { Finding, Severity } from "../../run/result.js"
import type { Exchange } from "./exchange.js"
import { RULES, type Rule } from "./rules.js"

/** Fails the stage from here on. */
const BLOCKS: readonly Severity[] = ["medium", "high", "critical"]

/** How a finding names who saw it. */
export const TOOL = "probes"

/** How many requests a finding names. */
const SHOWN = 5

/** Where something was seen. */
interface Hit {
  readonly method: string
  /** Without its query. */
  readonly path: string
  /** As it was asked for. */
  readonly request: string
  readonly seen: string
}

/** What the answers have wrong: a finding a rule and path, or one for all where one setting mends it. */
export function judge(exchanges: readonly Exchange[], ignored: readonly string[]): readonly Finding[] {
  return RULES.filter(({ rule }) => !ignored.includes(rule)).flatMap((rule) => {
    const hits = exchanges.flatMap((exchange): readonly Hit[] => {
      const seen = rule.seen(exchange)
      const { method, path } = exchange
      return seen === null
        ? []
        : [{ method, path: path.replace(/\?.*/, ""), request: `${method} ${path}`, seen }]
    })
    const place = ({ method, path }: Hit) => (rule.everywhere ? "" : `${method} ${path}`)
    return [...new Set(hits.map(place))].map((at) =>
      finding(
        rule,
        at,
        hits.filter((hit) => place(hit) === at),
      ),
    )
  })
}

function finding({ rule, cwe, severity, message }: Rule, place: string, hits: readonly Hit[]): Finding {
  const requests = [...new Set(hits.map(({ request }) => request))]
  const more = requests.length > SHOWN ? ` and ${requests.length - SHOWN} more` : ""
  return {
    rule,
    severity,
    message: `${message} (CWE-${cwe}; ${hits[0]?.seen.slice(0, 200)}): ${requests.slice(0, SHOWN).join(", ")}${more}`,
    file: null,
    line: null,
    fingerprint: `dast:${rule}:${place}`,
    tools: [TOOL],
    standing: standingOf(severity),
  }
}

/** What a finding of that severity does to the verdict. */
export const standingOf = (severity: Severity): NonNullable<Finding["standing"]> =>
  BLOCKS.includes(severity)
    ? { status: "blocks", why: `${severity} is medium or worse` }
    : { status: "reported", why: `${severity} is less than medium` }
