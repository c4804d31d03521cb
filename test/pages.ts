/** Pages of docs/, parts of which are made. */

/**
 * Puts lines between a part's marks.
 *
 * @param part its mark: `table: stages`.
 */
export function withPart(page: string, part: string, lines: readonly string[]): string {
  const [begin, end] = [`<!-- ${part} -->\n`, "<!-- end -->"]
  const from = page.indexOf(begin) + begin.length
  const to = page.indexOf(end, from)
  if (from < begin.length || to < 0) throw new Error(`the page has no mark ${begin}`)
  return `${page.slice(0, from)}${lines.join("\n")}\n${page.slice(to)}`
}
