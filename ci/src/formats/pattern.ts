/** Combines patterns into one that matches where any of them does. */
export const anyOf = (patterns: readonly RegExp[], flags = ""): RegExp =>
  new RegExp(patterns.map(({ source }) => source).join("|"), flags)

/** Returns the alternatives `a|b?|c` of words between spaces, each of them a pattern. */
export const either = (words: string): string => words.trim().split(/\s+/).join("|")

/** Escapes a text for a pattern that matches it alone. */
export const escapeRegExp = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|-]/g, String.raw`\$&`)
