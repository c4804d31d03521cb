import { type Fields, isFields } from "../fields.ts"

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
}

const escaped = (value: string): string => value.replace(/[&<>"']/g, (found) => ESCAPES[found] ?? found)

/** Element names of lists, by list name. Default: `member`. */
export type ElementNames = Readonly<Record<string, string>>

function element(name: string, value: unknown, names: ElementNames): string {
  if (value === null || value === undefined) return ""
  if (value instanceof Date) return `<${name}>${value.toISOString()}</${name}>`
  if (Array.isArray(value)) {
    const inner = value.map((entry) => element(names[name] ?? "member", entry, names)).join("")
    return `<${name}>${inner}</${name}>`
  }
  if (isFields(value)) return `<${name}>${toXml(value, names)}</${name}>`
  return `<${name}>${escaped(String(value))}</${name}>`
}

/** Converts members to XML elements, in order. */
export const toXml = (output: Fields, names: ElementNames = {}): string =>
  Object.entries(output)
    .map(([name, value]) => element(name, value, names))
    .join("")
