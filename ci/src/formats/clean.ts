/**
 * Makes text from containers safe to show in a terminal, in HTML, in XML and in a script element: nothing that a test
 * or a tool prints may control the reader's terminal or page.
 */

const ESC = "\u001b"
const BEL = "\u0007"

/** ECMA-48 control sequences. Strings (OSC, DCS …) also end at a line's end: a stray one would swallow the log. */
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

/** Control characters, lone surrogates, characters that XML 1.0 forbids, and bidirectional marks (CVE-2021-42574). */
const UNPRINTABLE = /[\p{Cc}\p{Surrogate}\u{FFFE}\u{FFFF}\u202A-\u202E\u2066-\u2069]/gu

const CONTROL_PICTURES = 0x2400

function picture(char: string): string {
  if (char === "\n" || char === "\t") return char
  const code = char.charCodeAt(0)
  if (code === 0x7f) return "\u2421"
  return code < 0x20 ? String.fromCharCode(CONTROL_PICTURES + code) : "\ufffd"
}

/** Removes terminal control sequences: colours, cursor movements, titles, hyperlinks. */
export function stripAnsi(text: string): string {
  return text.includes(ESC) || text.includes("\u009b") ? text.replace(ANSI, "") : text
}

/** Removes the marks with which Dagger links an error to its trace. */
export function withoutTraces(text: string): string {
  return text.includes("[traceparent:") ? text.replace(TRACE, "") : text
}

/** Replaces control characters by their pictures (`␀`) or by `\ufffd`. Keeps line feeds and tabs. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, picture)
}

/** Returns what a terminal shows in the end of a line that overwrites itself, as progress bars do. */
function overwritten(line: string): string {
  const end = line.endsWith("\r") ? line.length - 1 : line.length
  return line.slice(line.lastIndexOf("\r", end - 1) + 1, end)
}

/** Removes control sequences, and replaces control characters except `\n` and `\t`. */
export function clean(text: string): string {
  return printable(withoutTraces(stripAnsi(text)).replaceAll("\r\n", "\n"))
}

/** Cleans a log as {@link clean} does; of lines that overwrite themselves, keeps what a terminal shows in the end. */
export function cleanLog(text: string): string {
  const shown = withoutTraces(stripAnsi(text))
  return printable(shown.includes("\r") ? shown.split("\n").map(overwritten).join("\n") : shown)
}

/** Disables `##vso[…]` and `##[…]`, which log readers of CI vendors run wherever they are in a line. */
export const inert = (text: string): string => text.replace(/##(?=\w*\[)/g, "## ")

/** Cuts a text to `limit` UTF-16 units, the last of them `…`. Never cuts a character in half. */
export function truncate(text: string, limit: number): string {
  if (text.length <= limit) return text
  const cut = text.slice(0, Math.max(0, limit - 1))
  return `${/[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut}…`
}

/** Cleans a text, and puts it on one line of at most `limit` characters. */
export function oneLine(text: string, limit = 200): string {
  return truncate(clean(text).replace(/\s+/g, " ").trim(), limit)
}

/** Returns the last `count` lines of a log, cleaned, without blank lines at its end. */
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

/** Cleans and escapes a text for HTML content and quoted attributes. */
export function escapeHtml(text: string): string {
  return entities(clean(text))
}

/** Cleans and escapes a text for XML 1.0 content and attributes. */
export function escapeXml(text: string): string {
  return entities(clean(text))
}

/** Escapes a text for XML attributes, where readers turn bare line feeds and tabs into spaces. */
export function escapeXmlAttribute(text: string): string {
  return escapeXml(text).replace(/\n/g, "&#10;").replace(/\t/g, "&#9;")
}

/** Writes JSON for a `<script type="application/json">`: without `<`, it cannot hold `</script>` or `<!--`. */
export function jsonForScript(value: unknown): string {
  return JSON.stringify(value).replace(/</g, "\\u003c")
}
