import type { ReportData } from "../src/report/data.js"
import { make } from "./dom.js"
import { type Filter, type List, searchable } from "./list.js"
import { paged } from "./paged.js"

/** A row of the page's data with its words looked up. */
interface Finding {
  readonly stage: string
  readonly place: string
  readonly rule: string
  readonly message: string
  readonly severity: string
  readonly standing: string
  readonly why: string
  readonly tools: string
  readonly facts: string
}

function read({ findings, words }: ReportData): readonly Finding[] {
  const word = (index: number): string => words[index] ?? ""
  return findings.map(([stage, place, rule, message, severity, standing, why, tools, facts]) => ({
    stage: word(stage),
    place,
    rule,
    message,
    severity,
    standing,
    why: word(why),
    tools: word(tools),
    facts,
  }))
}

function marks({ severity, standing }: Finding): HTMLElement {
  const badge = make("span", `severity s-${severity}`, severity)
  return make("div", "marks", badge, " ", make("span", `tag t-${standing}`, standing))
}

function findingRow(finding: Finding): HTMLElement {
  const { stage, place, rule, message, why, tools, facts } = finding
  const where = place === "" ? [] : [make("code", "where", place), " "]
  const meta = make("p", "meta", make("code", "", rule), " ", ...where, stage)
  const body = make("div", "", make("p", "", message), meta)
  if (facts !== "") body.append(make("p", "facts", facts))
  const foundBy = tools === stage ? "" : `found by ${tools}`
  const more = [why, foundBy].filter((part) => part !== "").join(" · ")
  if (more !== "") body.append(make("p", "meta", more))
  return make("li", "finding", marks(finding), body)
}

/** The list of all findings, in the order of the page's data. */
export function findingList(data: ReportData): List<Finding> {
  const all = read(data).map((finding) => {
    const searched = Object.entries(finding).filter(([name]) => name !== "severity" && name !== "standing")
    const text = searchable(...searched.map(([, value]) => value))
    return { finding, tools: finding.tools.split(", "), text }
  })
  const pick = ({ text, kind, standing, tool }: Filter): readonly Finding[] => {
    const standings = standing.split(" ")
    return all
      .filter(({ finding }) => kind === "" || finding.severity === kind)
      .filter(({ finding }) => standing === "" || standings.includes(finding.standing))
      .filter(({ tools }) => tool === "" || tools.includes(tool))
      .filter((one) => one.text.includes(text))
      .map(({ finding }) => finding)
  }
  const show = (items: readonly Finding[]): HTMLElement =>
    paged(make("ul", "findings"), { items, row: findingRow, noun: "finding" })
  return { total: all.length, noun: "finding", pick, size: (items) => items.length, show }
}
