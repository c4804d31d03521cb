import type { Finding, Severity } from "../../run/result.js"

/** What `inside/a11y.ts` is asked. */
export interface Ask {
  readonly origin: string
  readonly paths: readonly string[]
}

/** An element that breaks a rule. */
export interface Place {
  /** CSS selectors, from the outermost frame inwards. */
  readonly target: readonly string[]
  readonly html: string
}

/** A rule of axe that a page breaks. */
export interface Violation {
  readonly id: string
  readonly impact: string | null
  readonly help: string
  readonly helpUrl: string
  readonly nodes: readonly Place[]
}

/** A page as the browser showed it. */
export interface Page {
  readonly path: string
  /** Status of the answer; 0 where there was none. */
  readonly status: number
  /** How many characters a visitor can read. */
  readonly letters: number
  /** The first error of the page's scripts, or null. */
  readonly scriptError: string | null
  readonly violations: readonly Violation[]
  /** Rules that the page keeps. */
  readonly kept: number
}

/** What the browser saw, and with which versions. */
export interface Seen {
  readonly browser: string
  readonly axe: string
  readonly pages: readonly Page[]
}

/** Axe's impacts, the least first, as severities. */
const SEVERITIES: Readonly<Record<string, Severity>> = {
  minor: "low",
  moderate: "medium",
  serious: "high",
  critical: "critical",
}
const IMPACTS = Object.keys(SEVERITIES)

/** How many elements a finding names. */
const SHOWN = 5

/**
 * What is wrong with pages: a finding a rule and page, and one for a page that shows nothing to look at.
 *
 * @param least the impact from which on a violation fails the stage.
 */
export function judgePages(pages: readonly Page[], least: string): readonly Finding[] {
  return pages.flatMap((page) => {
    const blank = notShown(page)
    return [...(blank ? [blank] : []), ...page.violations.map((violation) => finding(page, violation, least))]
  })
}

function notShown({ path, status, letters, scriptError }: Page): Finding | null {
  const answered = status >= 200 && status < 400
  if (answered && letters > 0) return null
  const what = answered ? "shows nothing to read" : `answers ${status || "nothing"}`
  const error = scriptError ? `: ${scriptError}` : ""
  return {
    rule: "page-not-shown",
    severity: "critical",
    message: `${path} ${what}${error}; a11y.paths in slipway.yaml names the pages`,
    file: null,
    line: null,
    fingerprint: `axe:page-not-shown:${path}`,
    tools: ["axe"],
  }
}

function finding({ path }: Page, { id, impact, help, helpUrl, nodes }: Violation, least: string): Finding {
  const places = nodes.slice(0, SHOWN).map(({ target }) => target.join(" "))
  const more = nodes.length > SHOWN ? ` and ${nodes.length - SHOWN} more` : ""
  const counts = IMPACTS.indexOf(impact ?? "minor") >= IMPACTS.indexOf(least)
  return {
    rule: id,
    severity: SEVERITIES[impact ?? "minor"] ?? "low",
    message: `${help}, on ${path}: ${places.join(", ")}${more} (${helpUrl.replace(/\?.*/, "")})`,
    file: null,
    line: null,
    fingerprint: `axe:${id}:${path}`,
    tools: ["axe"],
    standing: counts
      ? { status: "blocks", why: `its impact is ${least} or worse` }
      : { status: "reported", why: `its impact is less than ${least}` },
  }
}
