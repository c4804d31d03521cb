/** Matches what one of several patterns does, the first place in a text before the first pattern. */
export const anyOf = (patterns: readonly RegExp[], flags = ""): RegExp =>
  new RegExp(patterns.map(({ source }) => source).join("|"), flags)
