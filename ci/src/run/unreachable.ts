/**
 * Matches the errors of programs that cannot reach the network, or a service, even one on this machine.
 * {@link unreachable} returns the host.
 */
export const UNREACHABLE =
  /\b(?:ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT)\b|could not resolve host|fetch failed/i

/** What a log says of a host that was not reachable. */
export interface Unreachable {
  readonly host: string
  /** The package whose script wanted it; null where the log does not tell. */
  readonly package: string | null
}

const HOST = "(?<host>[a-z0-9-]+(?:\\.[a-z0-9-]+)*\\.[a-z]{2,})"

/** How programs say that a name has no address, or that nobody answers there. */
const SIGNS: readonly RegExp[] = [
  `(?:ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH) (?:https?://)?${HOST}`,
  `[Cc]ould not resolve host:? '?${HOST}`,
  `[Tt]emporary failure resolving '${HOST}'`,
  `[Ff]ailed to resolve '${HOST}'`,
  `unable to resolve host address .?${HOST}`,
  `lookup ${HOST} on \\S+: (?:no such host|server misbehaving)`,
  `dns error.*\\bhost[ =:'"]+${HOST}`,
].map((text) => new RegExp(text, "i"))

const PACKAGE = /.*node_modules\/((?:@[^/\s]+\/)?[^/\s:@]+)/

/** Returns the first unreachable host that a log names; null without one. Addresses and localhost do not count. */
export function unreachable(log: string): Unreachable | null {
  const lines = log.split("\n")
  for (const [i, line] of lines.entries()) {
    const host = SIGNS.map((sign) => sign.exec(line)?.groups?.host).find((found) => found !== undefined)
    if (host === undefined) continue
    const named = [line, ...lines.slice(Math.max(0, i - NEAR), i).reverse()]
    const found = named.map((one) => PACKAGE.exec(one)?.[1]).find((name) => name && name !== ".bin")
    return { host, package: found ?? null }
  }
  return null
}

/** Lines before, in which the log may name the package. */
const NEAR = 30

/** `sqlite3 needs a file from github.com, which is not reachable here` */
export const unreachableText = ({ host, package: name }: Unreachable): string =>
  name === null
    ? `${host} is not reachable here`
    : `${name} needs a file from ${host}, which is not reachable here`
