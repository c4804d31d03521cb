/** Combines patterns into one that matches where any of them does. */
export const anyOf = (patterns: readonly RegExp[], flags = ""): RegExp =>
  new RegExp(patterns.map(({ source }) => source).join("|"), flags)

/** Escapes a text for a pattern that matches it alone. */
export const escapeRegExp = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|-]/g, String.raw`\$&`)
