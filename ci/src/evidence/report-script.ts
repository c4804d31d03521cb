/**
 * The page's script. It only ever sets `textContent`, so that no text out of a run can become markup, and it makes
 * rows when they are looked at: 5,000 at once would freeze a phone.
 */
export const SCRIPT = String.raw`"use strict"
;(() => {
  const source = document.getElementById("data")
  if (!source) return
  const data = JSON.parse(source.textContent)
  const PAGE = 100, OPEN_ROWS = 200
  const WORDS = { passed: "Passed", failed: "Failed", skipped: "Skipped" }
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
    svg.setAttribute("class", "icon v-" + verdict)
    svg.setAttribute("aria-hidden", "true")
    use.setAttribute("href", "#i-" + verdict)
    svg.append(use)
    return svg
  }

  const paged = (list, items, row, size, what) => {
    const holder = make("div", "", list)
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

  const testRow = ([name, time, verdict, message]) => {
    const head = make("p", "", icon(verdict), hidden(WORDS[verdict] + ": "), make("span", "label", name), make("span", "num", time))
    const row = make("li", "test", head)
    if (message) row.append(make("pre", "message", message))
    return row
  }

  const groupRow = (group, open) => {
    const failed = group.tests.filter((test) => test[2] === "failed").length
    const all = group.tests.every((test) => test[2] === "skipped") ? "skipped" : "passed"
    const worst = failed ? "failed" : all
    const title = make("span", "label", make("strong", "", group.suite || group.stage), " ", make("span", "meta", group.suite ? group.stage : "", group.file && group.file !== group.suite ? " · " + group.file : ""))
    const totals = make("span", "meta", failed ? number(failed) + " of " + count(group.tests.length, "test") + " failed" : count(group.tests.length, "test"))
    const summary = make("summary", "", icon(worst), hidden(WORDS[worst] + ": "), title, totals, make("span", "num", group.time))
    const box = make("details", "group", summary)
    const fill = () => {
      if (box.childElementCount > 1) return
      box.append(paged(make("ul", "tests"), group.tests, testRow, PAGE, "test"))
    }
    box.addEventListener("toggle", () => box.open && fill())
    if (open) {
      box.open = true
      fill()
    }
    return make("li", "", box)
  }

  const groupsRow = (open) => {
    let left = OPEN_ROWS
    return (group) => {
      const wanted = open || group.tests.some((test) => test[2] === "failed")
      const opens = wanted && left > 0
      if (opens) left -= Math.min(group.tests.length, PAGE)
      return groupRow(group, opens)
    }
  }

  const findingRow = ([stage, place, rule, message, severity]) => {
    const meta = make("p", "meta", make("code", "", rule), " ")
    if (place) meta.append(make("code", "where", place), " ")
    meta.append(stage)
    return make("li", "finding", make("span", "severity s-" + severity, severity), make("div", "", make("p", "", message), meta))
  }

  const lower = (...texts) => texts.join("\n").toLowerCase()
  const tests = data.groups.map((group) => ({
    group,
    hay: lower(group.stage, group.suite, group.file),
    hays: group.tests.map((test) => lower(test[0], test[3] || "")),
  }))
  const pickTests = (text, kind) =>
    tests.flatMap(({ group, hay, hays }) => {
      const whole = hay.includes(text)
      const picked = group.tests.filter((test, index) => (!kind || test[2] === kind) && (whole || hays[index].includes(text)))
      return picked.length > 0 ? [{ ...group, tests: picked }] : []
    })
  const findings = data.findings.map((row) => ({ row, hay: lower(...row) }))
  const pickFindings = (text, kind) =>
    findings.filter(({ row, hay }) => (!kind || row[4] === kind) && hay.includes(text)).map(({ row }) => row)

  const LISTS = {
    tests: {
      all: data.groups.reduce((sum, group) => sum + group.tests.length, 0),
      one: "test",
      pick: pickTests,
      size: (groups) => groups.reduce((sum, group) => sum + group.tests.length, 0),
      show: (groups, filtered) => paged(make("ul", "groups"), groups, groupsRow(filtered), PAGE, "suite"),
    },
    findings: {
      all: data.findings.length,
      one: "finding",
      pick: pickFindings,
      size: (rows) => rows.length,
      show: (rows) => paged(make("ul", "findings"), rows, findingRow, PAGE, "finding"),
    },
  }

  const start = (id, list) => {
    const panel = document.getElementById(id + "-panel")
    if (!panel) return
    const search = panel.querySelector("input[type=search]")
    const state = panel.querySelector(".state")
    const rows = panel.querySelector(".rows")
    const update = () => {
      const text = search.value.trim().toLowerCase()
      const kind = panel.querySelector("input[type=radio]:checked").value
      const picked = list.pick(text, kind)
      const size = list.size(picked)
      const filtered = text !== "" || kind !== ""
      state.textContent = filtered ? number(size) + " of " + count(list.all, list.one) : count(list.all, list.one)
      rows.replaceChildren(size === 0 ? make("p", "empty", "Nothing matches.") : list.show(picked, filtered))
    }
    panel.addEventListener("input", update)
    panel.hidden = false
    update()
  }
  for (const [id, list] of Object.entries(LISTS)) start(id, list)
})()
`
