import { escapeHtml } from "./clean.js"

/** Markup that is safe to put into a page as it is. Made by {@link html} and {@link trusted} alone. */
export interface Html {
  readonly markup: string
}

/** What may stand in a template of {@link html}. Text and numbers are escaped, null gives nothing. */
export type Part = string | number | null | Html | readonly Part[]

function rendered(part: Part): string {
  if (part === null) return ""
  if (typeof part === "string") return escapeHtml(part)
  if (typeof part === "number") return String(part)
  return "markup" in part ? part.markup : part.map(rendered).join("")
}

/** A template of HTML in which every value is escaped, so that forgetting to is impossible. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  const markup = strings.map((string, index) => string + rendered(parts[index] ?? null)).join("")
  return { markup }
}

/** Markup that this project wrote itself: styles, scripts, symbols. Never for anything out of a run. */
export function trusted(markup: string): Html {
  return { markup }
}
