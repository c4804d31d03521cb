/** As the repository's formatter has it: short lists of plain values in one line. */
export function formatted(value: object): string {
  const text = JSON.stringify(value, null, 2)
  return `${text.replace(/\[[^[\]{}]*\]/g, (list) => (list.startsWith("[\n") ? oneLine(list) : list))}\n`
}

function oneLine(list: string): string {
  return list.replace(/\s*\n\s*/g, " ").replace(/^\[ (.*) \]$/, "[$1]")
}
