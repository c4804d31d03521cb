import { escapeHtml } from "./clean.js"

/** Markup that is safe to put into a page. Only {@link html} and {@link trusted} make it. */
export interface Html {
  readonly markup: string
}

/** A value in a template of {@link html}. Text is escaped; null is empty. */
export type Part = string | number | null | Html | readonly Part[]

function rendered(part: Part): string {
  if (part === null) return ""
  if (typeof part === "string") return escapeHtml(part)
  if (typeof part === "number") return String(part)
  return "markup" in part ? part.markup : part.map(rendered).join("")
}

/** Makes HTML of a template. Every value is escaped, so that it cannot be forgotten. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  const markup = strings.map((string, index) => string + rendered(parts[index] ?? null)).join("")
  return { markup }
}

/** Marks markup of this project as safe: styles, scripts, symbols. Never use it for data of a run. */
export function trusted(markup: string): Html {
  return { markup }
}
