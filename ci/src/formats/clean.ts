/**
 * Makes text that came out of containers safe to show: in a terminal, in HTML, in XML, in a script element.
 * Tests, tools and logs say what they like; nothing of theirs may steer the reader's terminal or page.
 */

const ESC = "\u001b"
const BEL = "\u0007"

/** ECMA-48 control sequences. Strings (OSC, DCS …) end at a line's end too, or a stray one would eat the log. */
const ANSI = new RegExp(
  [
    `${ESC}[\\]PX^_][^${BEL}${ESC}\\n]*(?:${BEL}|${ESC}\\\\)?`,
    `(?:${ESC}\\[|\u009b)[0-?]*[ -/]*[@-~]`,
    `${ESC}[ -/]*[0-~]`,
  ].join("|"),
  "g",
)

/** What Dagger adds to an error's message: the span that it began in. */
const TRACE = /\s*\[traceparent:[^\]\n]*\]/g

/** Controls, lone surrogates, what XML 1.0 forbids, and marks that reorder text on screen (CVE-2021-42574). */
const UNPRINTABLE = /[\p{Cc}\p{Surrogate}\u{FFFE}\u{FFFF}\u202A-\u202E\u2066-\u2069]/gu

const CONTROL_PICTURES = 0x2400

function picture(char: string): string {
  if (char === "\n" || char === "\t") return char
  const code = char.charCodeAt(0)
  if (code === 0x7f) return "\u2421"
  return code < 0x20 ? String.fromCharCode(CONTROL_PICTURES + code) : "\ufffd"
}

/** Without terminal control sequences: colours, cursor movements, titles, hyperlinks. */
export function stripAnsi(text: string): string {
  return text.includes(ESC) || text.includes("\u009b") ? text.replace(ANSI, "") : text
}

/** Removes the marks with which Dagger links an error to its trace. */
export function withoutTraces(text: string): string {
  return text.includes("[traceparent:") ? text.replace(TRACE, "") : text
}

/** Control characters as pictures (`␀`), what has none as `\ufffd`. Line feeds and tabs stay. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, picture)
}

/** What a terminal would be left showing of a line that overwrites itself, as progress bars do. */
function overwritten(line: string): string {
  const end = line.endsWith("\r") ? line.length - 1 : line.length
  return line.slice(line.lastIndexOf("\r", end - 1) + 1, end)
}

/** Text fit for any of the writers here: no control sequences, no control characters but `\n` and `\t`. */
export function clean(text: string): string {
  return printable(withoutTraces(stripAnsi(text)).replaceAll("\r\n", "\n"))
}

/** As {@link clean}, for logs: progress that overwrites itself is left as a terminal would show it at last. */
export function cleanLog(text: string): string {
  const said = withoutTraces(stripAnsi(text))
  return printable(said.includes("\r") ? said.split("\n").map(overwritten).join("\n") : said)
}

/** Vendors' log readers act on `##vso[…]` and `##[…]` wherever they stand in a line. */
export const inert = (text: string): string => text.replace(/##(?=\w*\[)/g, "## ")

/** At most `limit` UTF-16 units, the last of them `…` where something was cut. Never half a character. */
export function truncate(text: string, limit: number): string {
  if (text.length <= limit) return text
  const cut = text.slice(0, Math.max(0, limit - 1))
  return `${/[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut}…`
}

/** Clean text on one line of at most `limit` characters. */
export function oneLine(text: string, limit = 200): string {
  return truncate(clean(text).replace(/\s+/g, " ").trim(), limit)
}

/** The last `count` lines of a log, cleaned, without blank ones at its end. */
export function lastLines(text: string, count: number): readonly string[] {
  const lines = cleanLog(text).trimEnd().split("\n").slice(-count)
  return lines.length === 1 && lines[0] === "" ? [] : lines
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
}

function entities(text: string): string {
  return text.replace(/[&<>"']/g, (char) => ENTITIES[char] ?? char)
}

/** Clean text for HTML content and for quoted HTML attributes. */
export function escapeHtml(text: string): string {
  return entities(clean(text))
}

/** Clean text for XML 1.0 content and attributes. */
export function escapeXml(text: string): string {
  return entities(clean(text))
}

/** As {@link escapeXml}, for attributes: XML readers turn bare line feeds and tabs there into spaces. */
export function escapeXmlAttribute(text: string): string {
  return escapeXml(text).replace(/\n/g, "&#10;").replace(/\t/g, "&#9;")
}

/** JSON for a `<script type="application/json">`: no `<`, so neither `</script>` nor `<!--` can occur. */
export function jsonForScript(value: unknown): string {
  return JSON.stringify(value).replace(/</g, "\\u003c")
}
