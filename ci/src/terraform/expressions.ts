import { type Attribute, HclError, readHcl } from "./hcl.js"

/** The text of a string without templates; null for any other expression. */
export function literal(expression: string): string | null {
  const found = /^"((?:[^"\\$%]|\\.|\$(?!\{)|%(?!\{))*)"$/s.exec(expression)
  return found === null ? null : (found[1] ?? "").replace(/\\(["\\])/g, "$1")
}

/** The attributes of an object's expression: `{ a = 1, "b" : 2 }`; null for any other. */
export function objectOf(expression: string): ReadonlyMap<string, Attribute> | null {
  if (!expression.startsWith("{") || !expression.endsWith("}") || /^\{\s*for\b/.test(expression)) return null
  // Objects allow a colon, and commas between their attributes.
  const lines = separated(expression.slice(1, -1)).replace(/^([ \t]*(?:"[^"\n]*"|[\w-]+)[ \t]*):/gm, "$1=")
  try {
    return readHcl(lines).attributes
  } catch (error) {
    if (error instanceof HclError) return null
    throw error
  }
}

/** Commas outside of strings and brackets as ends of lines. */
function separated(text: string): string {
  let depth = 0
  let quoted = false
  return [...text]
    .map((character, i) => {
      if (character === '"' && text[i - 1] !== "\\") quoted = !quoted
      if (!quoted && "([{".includes(character)) depth++
      if (!quoted && ")]}".includes(character)) depth--
      return character === "," && !quoted && depth === 0 ? "\n" : character
    })
    .join("")
}

/** Splits at the commas that stand in no bracket. */
export function argumentsOf(text: string): readonly string[] {
  const parts: string[] = [""]
  let depth = 0
  for (const character of text) {
    if ("([{".includes(character)) depth++
    if (")]}".includes(character)) depth--
    if (character === "," && depth === 0) parts.push("")
    else parts[parts.length - 1] += character
  }
  return parts.map((part) => part.trim()).filter(Boolean)
}
