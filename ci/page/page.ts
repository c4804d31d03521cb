/** The script of report.html: makes the rows of its long lists out of the data in the page, and filters them. */

import type { ReportData } from "../src/report/data.js"
import { coverageList } from "./coverage.js"
import { findingList } from "./findings.js"
import { start } from "./list.js"
import { testList } from "./tests.js"

const source = document.getElementById("data")?.textContent
if (source) {
  const data: ReportData = JSON.parse(source)
  start("tests", testList(data))
  start("findings", findingList(data))
  start("coverage", coverageList(data))
}
