import { share, thousands } from "../src/formats/figures.js"
import type { ReportData } from "../src/report/data.js"
import { make, makeButton, makeSvg } from "./dom.js"
import type { List } from "./list.js"
import { paged } from "./paged.js"

type File = ReportData["coverage"][number]

const coveredShare = ([, lines, covered]: File): number => (lines === 0 ? 1 : covered / lines)
const missedLines = ([, lines, covered]: File): number => lines - covered

interface Column {
  readonly title: string
  readonly of: (file: File) => string | number
  /** 1 where the first click sorts upwards, -1 where it sorts downwards. */
  readonly first: 1 | -1
}

const MISSED: Column = { title: "Missed", of: missedLines, first: -1 }
const COLUMNS: readonly Column[] = [
  { title: "File", of: ([file]) => file, first: 1 },
  { title: "Covered", of: coveredShare, first: 1 },
  { title: "Lines", of: ([, lines]) => lines, first: -1 },
  MISSED,
]

/** What the table is sorted by: it outlives a filter. */
interface Sorting {
  column: Column
  direction: number
}

function compare(a: string | number, b: string | number): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

/** Makes a part of a table. Its role is spelt out, as a table that is laid out as blocks on a phone loses its own. */
function part<Tag extends "table" | "thead" | "tbody" | "tr" | "th" | "td">(
  tag: Tag,
  role: string,
  className: string,
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const node = make(tag, className, ...children)
  node.setAttribute("role", role)
  return node
}

function bar(file: File): SVGSVGElement {
  const filled = makeSvg("rect", { width: `${100 * coveredShare(file)}%`, height: "100%" })
  return makeSvg("svg", { class: "share", "aria-hidden": "true" }, filled)
}

function coverageRow(file: File): HTMLElement {
  const [name, lines, , ranges] = file
  const head = part("th", "rowheader", "", name)
  head.scope = "row"
  const missed = missedLines(file)
  const where = ranges === "" ? [] : [make("span", "meta", ` · lines ${ranges}`)]
  const cells = [
    part("td", "cell", "num", bar(file), share(coveredShare(file))),
    part("td", "cell", "num", thousands(lines)),
    part("td", "cell", "", missed === 0 ? "none" : thousands(missed), ...where),
  ]
  return part("tr", "row", "", head, ...cells)
}

function sortState({ column, direction }: Sorting, of: Column): string {
  if (column !== of) return "none"
  return direction > 0 ? "ascending" : "descending"
}

function sorted(files: readonly File[], { column, direction }: Sorting): readonly File[] {
  return [...files].sort((a, b) => direction * compare(column.of(a), column.of(b)))
}

function coverageTable(files: readonly File[], sorting: Sorting): HTMLElement {
  const body = part("tbody", "rowgroup", "")
  const headers = COLUMNS.map((column) => {
    const button = makeButton("sort", column.title, () => {
      sorting.direction = sorting.column === column ? -sorting.direction : column.first
      sorting.column = column
      fill()
      button.focus()
    })
    const header = part("th", "columnheader", "", button)
    header.scope = "col"
    return { column, header }
  })
  const row = part("tr", "row", "", ...headers.map(({ header }) => header))
  const table = part("table", "table", "wide coverage", part("thead", "rowgroup", "", row), body)
  const holder = make("div", "")
  const fill = (): void => {
    for (const { column, header } of headers) header.setAttribute("aria-sort", sortState(sorting, column))
    body.replaceChildren()
    const items = sorted(files, sorting)
    holder.replaceChildren(paged(body, { items, row: coverageRow, noun: "file" }, table))
  }
  fill()
  return holder
}

/** The table of covered files, what misses most first. */
export function coverageList({ coverage }: ReportData): List<File> {
  const sorting: Sorting = { column: MISSED, direction: MISSED.first }
  return {
    total: coverage.length,
    noun: "file",
    pick: ({ text }) => coverage.filter(([file]) => file.toLowerCase().includes(text)),
    size: (files) => files.length,
    show: (files) => coverageTable(files, sorting),
  }
}
