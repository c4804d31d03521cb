const GLOB_TOKEN = /\*\*\/|\*\*|\*|\?|\[[^\]]+\]|\{[^{}]*\}|./gs
const GLOB_SOURCES: Readonly<Record<string, string>> = {
  "**/": "(?:(?!\\.)[^/]+/)*",
  "**": ".*",
  "*": "[^/]*",
  "?": "[^/]",
}

/** Matches what `glob` with `after` behind it matches; nothing where the glob makes no sense. */
export function globPattern(glob: string, after: string): RegExp {
  try {
    return new RegExp(`^${globSource(glob)}${after}`)
  } catch {
    return /(?!)/
  }
}

/** The source of a regular expression for a glob: `*`, `**`, `?`, `[…]` and `{…}`. */
function globSource(glob: string): string {
  return (glob.match(GLOB_TOKEN) ?? []).map(globToken).join("")
}

function globToken(token: string): string {
  if (token.length > 2 && token.startsWith("{"))
    return `(?:${token.slice(1, -1).split(",").map(globSource).join("|")})`
  if (token.length > 2 && token.startsWith("["))
    return `[${token
      .slice(1, -1)
      .replace(/^!/, "^")
      .replace(/[\\\]]/g, "\\$&")}]`
  return GLOB_SOURCES[token] ?? token.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&")
}
