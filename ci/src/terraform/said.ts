import { lastLines, stripAnsi } from "../formats/clean.js"

/** Messages of init when a registry of providers or modules is unreachable. */
export const OUT_OF_REACH =
  /could not (?:connect to|retrieve)|no such host|connection (?:refused|reset)|i\/o timeout|TLS handshake|registry service is unreachable|network is unreachable|Could not resolve host/i

/** Returns the first error in Terraform's output, on one line. */
export function errorOf(said: string): string {
  const log = stripAnsi(said)
  const from = log.indexOf("Error: ")
  const text = from === -1 ? (lastLines(log, 1)[0] ?? "no output") : log.slice(from, from + 600)
  return text
    .split(/\n[\s│]*\n/)
    .slice(0, 2)
    .join(" ")
    .replace(/[\s│╷╵]+/g, " ")
    .trim()
    .slice(0, 400)
}
