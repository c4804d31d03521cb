const WIDTH = 110

/** As the repository's formatter has it: lists of plain values in one line where they fit. */
export function formatted(value: object): string {
  const text = JSON.stringify(value, null, 2)
  const lists = /\[\n[^[\]{}]*\],?/g
  return `${text.replace(lists, (list: string, at: number) => {
    const short = oneLine(list)
    const before = at - text.lastIndexOf("\n", at) - 1
    return before + short.length <= WIDTH ? short : list
  })}\n`
}

function oneLine(list: string): string {
  return list.replace(/\s*\n\s*/g, " ").replace(/^\[ (.*) \](,?)$/, "[$1]$2")
}
