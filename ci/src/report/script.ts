import { COVERAGE_ROWS, FINDING_ROWS, TEST_ROWS } from "./script-rows.js"

/** What all lists need: elements, pages of rows. */
const CORE = `
  const source = document.getElementById("data")
  if (!source) return
  const data = JSON.parse(source.textContent)
  const PAGE = 100, OPEN_ROWS = 200
  const WORDS = { passed: "Passed", failed: "Failed", skipped: "Skipped", flaky: "Flaky" }
  const SHAPES = { flaky: "errored" }
  const number = (value) => value.toLocaleString("en-US")
  const count = (value, what) => number(value) + " " + what + (value === 1 ? "" : "s")

  const make = (tag, name, ...children) => {
    const node = document.createElement(tag)
    if (name) node.className = name
    node.append(...children)
    return node
  }
  const hidden = (text) => make("span", "sr", text)
  const icon = (verdict) => {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg")
    const use = document.createElementNS("http://www.w3.org/2000/svg", "use")
    const shape = SHAPES[verdict] || verdict
    svg.setAttribute("class", "icon v-" + shape)
    svg.setAttribute("aria-hidden", "true")
    use.setAttribute("href", "#i-" + shape)
    svg.append(use)
    return svg
  }

  const paged = (list, items, row, size, what, outer = list) => {
    const holder = make("div", "", outer)
    let shown = 0
    const button = make("button", "more")
    button.type = "button"
    const grow = () => {
      const first = list.childElementCount
      list.append(...items.slice(shown, shown + size).map(row))
      shown = Math.min(items.length, shown + size)
      button.textContent = "Show " + count(Math.min(size, items.length - shown), "more " + what) + ", " + number(items.length - shown) + " left"
      button.hidden = shown >= items.length
      return list.children[first]
    }
    button.addEventListener("click", () => {
      const next = grow()
      if (!next) return
      next.tabIndex = -1
      next.focus({ preventScroll: true })
    })
    grow()
    if (!button.hidden) holder.append(button)
    return holder
  }

`

/** The lists, with what each filters by. */
const LISTS = `
  const sizes = (groups) => groups.reduce((sum, group) => sum + group.tests.length, 0)
  const LISTS = {
    tests: {
      all: sizes(data.groups),
      one: "test",
      pick: pickTests,
      size: sizes,
      show: (groups, filtered) => paged(make("ul", "groups"), groups, groupsRow(filtered), PAGE, "suite"),
    },
    findings: {
      all: data.findings.length,
      one: "finding",
      pick: pickFindings,
      size: (rows) => rows.length,
      show: (rows) => paged(make("ul", "findings"), rows, findingRow, PAGE, "finding"),
    },
    coverage: {
      all: data.coverage.length,
      one: "file",
      pick: pickFiles,
      size: (rows) => rows.length,
      show: coverageTable,
    },
  }

  const start = (id, list) => {
    const panel = document.getElementById(id + "-panel")
    if (!panel) return
    const search = panel.querySelector("input[type=search]")
    const state = panel.querySelector(".state")
    const rows = panel.querySelector(".rows")
    const valueOf = (selector) => (panel.querySelector(selector) || { value: "" }).value
    const update = () => {
      const wanted = {
        text: search.value.trim().toLowerCase(),
        kind: valueOf("input[type=radio]:checked"),
        standing: valueOf("select[name=standing]"),
        tool: valueOf("select[name=tool]"),
      }
      const picked = list.pick(wanted)
      const size = list.size(picked)
      const filtered = Object.values(wanted).some((value) => value !== "")
      state.textContent = filtered ? number(size) + " of " + count(list.all, list.one) : count(list.all, list.one)
      rows.replaceChildren(size === 0 ? make("p", "empty", "Nothing matches.") : list.show(picked, filtered))
    }
    panel.addEventListener("input", update)
    panel.hidden = false
    update()
  }
  for (const [id, list] of Object.entries(LISTS)) start(id, list)
`

/**
 * The page's script. It only ever sets `textContent`, so that no text out of a run can become markup, and it makes
 * rows when they are looked at: 5,000 at once would freeze a phone.
 */
export const SCRIPT = `"use strict"
;(() => {
${CORE}${TEST_ROWS}${FINDING_ROWS}${COVERAGE_ROWS}${LISTS}})()
`
