import { plural, thousands } from "../src/formats/figures.js"
import type { ReportData } from "../src/report/data.js"
import { make } from "./dom.js"
import { type Filter, type List, searchable } from "./list.js"
import { PAGE, paged } from "./paged.js"
import { flakyTag, type TestVerdict, verdictMark } from "./verdict.js"

type Group = ReportData["groups"][number]
type Test = Group["tests"][number]

/** Tests that are shown at first, in groups that are open. */
const OPEN_TESTS = 200

function testRow([name, time, verdict, message]: Test): HTMLElement {
  const label = make("span", "label", name, ...flakyTag(verdict))
  const row = make("li", "test", make("p", "", ...verdictMark(verdict), label, make("span", "num", time)))
  if (message) row.append(make("pre", "message", message))
  return row
}

const having = ({ tests }: Group, verdict: TestVerdict): number =>
  tests.filter((test) => test[2] === verdict).length

function worst(group: Group): TestVerdict {
  if (having(group, "failed") > 0) return "failed"
  if (having(group, "flaky") > 0) return "flaky"
  return having(group, "skipped") === group.tests.length ? "skipped" : "passed"
}

function groupTitle({ suite, stage, file }: Group): HTMLElement {
  const other = file && file !== suite ? ` · ${file}` : ""
  const where = (suite ? stage : "") + other
  return make("span", "label", make("strong", "", suite || stage), " ", make("span", "meta", where))
}

/** `2 of 14 tests failed, 1 flaky` */
function groupTotals(group: Group): string {
  const all = plural(group.tests.length, "test")
  const [failed, flaky] = [having(group, "failed"), having(group, "flaky")]
  const totals = failed > 0 ? `${thousands(failed)} of ${all} failed` : all
  return flaky > 0 ? `${totals}, ${thousands(flaky)} flaky` : totals
}

/** A group whose rows are made when it is opened. */
function groupRow(group: Group, open: boolean): HTMLElement {
  const totals = make("span", "meta", groupTotals(group))
  const time = make("span", "num", group.time)
  const summary = make("summary", "", ...verdictMark(worst(group)), groupTitle(group), totals, time)
  const box = make("details", "group", summary)
  const fill = (): void => {
    if (box.childElementCount > 1) return
    box.append(paged(make("ul", "tests"), { items: group.tests, row: testRow, noun: "test" }))
  }
  box.addEventListener("toggle", () => box.open && fill())
  if (open) {
    box.open = true
    fill()
  }
  return make("li", "", box)
}

/** Opens groups with failures, and all that a filter picked, until {@link OPEN_TESTS} are shown. */
function groupRows(filtered: boolean): (group: Group) => HTMLElement {
  let left = OPEN_TESTS
  return (group) => {
    const opens = (filtered || having(group, "failed") > 0) && left > 0
    if (opens) left -= Math.min(group.tests.length, PAGE)
    return groupRow(group, opens)
  }
}

const size = (groups: readonly Group[]): number => groups.reduce((sum, { tests }) => sum + tests.length, 0)

/** The list of all tests, by stage and suite. A text picks a whole group by its name, or tests by theirs. */
export function testList({ groups }: ReportData): List<Group> {
  const searched = groups.map((group) => ({
    group,
    text: searchable(group.stage, group.suite, group.file),
    tests: group.tests.map((test) => ({ test, text: searchable(test[0], test[3] ?? "") })),
  }))
  const pick = ({ text, kind }: Filter): readonly Group[] =>
    searched.flatMap(({ group, text: groupText, tests }) => {
      const whole = groupText.includes(text)
      const picked = tests
        .filter(({ test }) => kind === "" || test[2] === kind)
        .filter((one) => whole || one.text.includes(text))
      return picked.length > 0 ? [{ ...group, tests: picked.map(({ test }) => test) }] : []
    })
  const show = (picked: readonly Group[], filtered: boolean): HTMLElement =>
    paged(make("ul", "groups"), { items: picked, row: groupRows(filtered), noun: "suite" })
  return { total: size(groups), noun: "test", pick, size, show }
}
