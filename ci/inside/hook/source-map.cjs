// Reads the mappings of source maps (ECMA-426).
const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
const VALUES = new Map([...DIGITS].map((digit, value) => [digit, value]))

/** The numbers of a segment: each in digits of five bits, the lowest first, its sign in the last bit. */
function numbers(segment) {
  const found = []
  let [value, shift] = [0, 0]
  for (const digit of segment) {
    const bits = VALUES.get(digit) ?? 0
    value += (bits & 31) * 2 ** shift
    shift += 5
    if (bits & 32) continue
    found.push(value % 2 === 1 ? -(value - 1) / 2 : value / 2)
    ;[value, shift] = [0, 0]
  }
  return found
}

/** Places of the generated text (line and column, from 0), and the lines that they come from (from 0). */
exports.segmentsOf = (mappings) => {
  const segments = []
  let [source, original] = [0, 0]
  mappings.split(";").forEach((text, line) => {
    let column = 0
    for (const segment of text.split(",")) {
      if (segment === "") continue
      const [columns, sources, originals] = numbers(segment)
      column += columns
      if (sources === undefined) continue
      source += sources
      original += originals
      segments.push({ line, column, source, original })
    }
  })
  return segments
}
