/** Parts of the page's script: what each list picks, and a row of it. They use what its core makes. */
export const TEST_ROWS = String.raw`
  const testRow = ([name, time, verdict, message]) => {
    const head = make("p", "", icon(verdict), hidden(WORDS[verdict] + ": "), make("span", "label", name, ...(verdict === "flaky" ? [" ", make("span", "tag", "flaky")] : [])), make("span", "num", time))
    const row = make("li", "test", head)
    if (message) row.append(make("pre", "message", message))
    return row
  }

  const groupRow = (group, open) => {
    const having = (verdict) => group.tests.filter((test) => test[2] === verdict).length
    const failed = having("failed")
    const flaky = having("flaky")
    const all = having("skipped") === group.tests.length ? "skipped" : "passed"
    const worst = failed ? "failed" : flaky ? "flaky" : all
    const title = make("span", "label", make("strong", "", group.suite || group.stage), " ", make("span", "meta", group.suite ? group.stage : "", group.file && group.file !== group.suite ? " · " + group.file : ""))
    const size = count(group.tests.length, "test")
    const said = [failed ? number(failed) + " of " + size + " failed" : size]
    if (flaky) said.push(number(flaky) + " flaky")
    const totals = make("span", "meta", said.join(", "))
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

  const lower = (...texts) => texts.join("\n").toLowerCase()
  const tests = data.groups.map((group) => ({
    group,
    hay: lower(group.stage, group.suite, group.file),
    hays: group.tests.map((test) => lower(test[0], test[3] || "")),
  }))
  const pickTests = ({ text, kind }) =>
    tests.flatMap(({ group, hay, hays }) => {
      const whole = hay.includes(text)
      const picked = group.tests.filter((test, index) => (!kind || test[2] === kind) && (whole || hays[index].includes(text)))
      return picked.length > 0 ? [{ ...group, tests: picked }] : []
    })
`

export const FINDING_ROWS = `
  const STANDINGS = { blocks: "blocks", reported: "reported", known: "known", waived: "waived" }
  const word = (index) => data.words[index]
  const findingRow = ([stage, place, rule, message, severity, standing, why, tools, facts]) => {
    const meta = make("p", "meta", make("code", "", rule), " ")
    if (place) meta.append(make("code", "where", place), " ")
    meta.append(word(stage))
    const body = make("div", "", make("p", "", message), meta)
    if (facts) body.append(make("p", "facts", facts))
    const seen = word(tools) === word(stage) ? "" : "seen by " + word(tools)
    const more = [word(why), seen].filter(Boolean).join(" · ")
    if (more) body.append(make("p", "meta", more))
    const marks = make("div", "marks", make("span", "severity s-" + severity, severity), " ", make("span", "tag t-" + standing, STANDINGS[standing]))
    return make("li", "finding", marks, body)
  }
  const findings = data.findings.map((row) => ({
    row,
    tools: word(row[7]).split(", "),
    hay: lower(word(row[0]), row[1], row[2], row[3], word(row[6]), word(row[7]), row[8]),
  }))
  const pickFindings = ({ text, kind, standing, tool }) => {
    const standings = standing.split(" ")
    return findings
      .filter(({ row, tools, hay }) => (!kind || row[4] === kind) && (!standing || standings.includes(row[5])) && (!tool || tools.includes(tool)) && hay.includes(text))
      .map(({ row }) => row)
  }
`

export const COVERAGE_ROWS = `
  const shareOf = ([, lines, covered]) => (lines === 0 ? 1 : covered / lines)
  const percent = (share) => (share >= 1 ? "100" : (Math.floor(share * 1000) / 10).toFixed(1)) + " %"
  const COLUMNS = [
    { title: "File", of: (row) => row[0], first: 1 },
    { title: "Covered", of: shareOf, first: 1 },
    { title: "Lines", of: (row) => row[1], first: -1 },
    { title: "Missed", of: (row) => row[1] - row[2], first: -1 },
  ]
  const sorting = { column: COLUMNS[3], direction: -1 }
  const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0)
  const cell = (tag, role, name, ...children) => {
    const node = make(tag, name, ...children)
    node.setAttribute("role", role)
    return node
  }
  const coverageRow = (row) => {
    const head = cell("th", "rowheader", "", row[0])
    head.scope = "row"
    const bar = document.createElementNS("http://www.w3.org/2000/svg", "svg")
    const filled = document.createElementNS("http://www.w3.org/2000/svg", "rect")
    bar.setAttribute("class", "share")
    bar.setAttribute("aria-hidden", "true")
    filled.setAttribute("width", 100 * shareOf(row) + "%")
    filled.setAttribute("height", "100%")
    bar.append(filled)
    const missed = row[1] - row[2]
    return cell("tr", "row", "", head,
      cell("td", "cell", "num", bar, percent(shareOf(row))),
      cell("td", "cell", "num", number(row[1])),
      cell("td", "cell", "", missed === 0 ? "none" : number(missed), ...(row[3] ? [make("span", "meta", " · lines " + row[3])] : [])))
  }
  const coverageTable = (rows) => {
    const body = cell("tbody", "rowgroup", "")
    const headers = COLUMNS.map((column) => {
      const button = make("button", "sort", column.title)
      button.type = "button"
      const header = cell("th", "columnheader", "", button)
      header.scope = "col"
      button.addEventListener("click", () => {
        sorting.direction = sorting.column === column ? -sorting.direction : column.first
        sorting.column = column
        fill()
        button.focus()
      })
      return header
    })
    const table = cell("table", "table", "wide coverage", cell("thead", "rowgroup", "", cell("tr", "row", "", ...headers)), body)
    const holder = make("div", "")
    const fill = () => {
      headers.forEach((header, index) => {
        const state = COLUMNS[index] !== sorting.column ? "none" : sorting.direction > 0 ? "ascending" : "descending"
        header.setAttribute("aria-sort", state)
      })
      const { column, direction } = sorting
      const sorted = rows.slice().sort((a, b) => direction * compare(column.of(a), column.of(b)))
      body.replaceChildren()
      holder.replaceChildren(paged(body, sorted, coverageRow, PAGE, "file", table))
    }
    fill()
    return holder
  }
  const pickFiles = ({ text }) => data.coverage.filter((row) => row[0].toLowerCase().includes(text))
`
