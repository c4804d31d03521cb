/**
 * Does what the module's process does at the end of a large run, and prints the most memory that it had, in MB:
 * all stages are loaded, the tests come out of a JUnit report, and all of the evidence is made and
 * then put into one query to the engine.
 */

import { readJunit } from "../../../ci/src/formats/junit.js"
import { evidenceFiles } from "../../../ci/src/report/evidence.js"
import { junitXml } from "../../../ci/src/report/junit.js"
import { summaryText } from "../../../ci/src/report/summary.js"
import { readRecord } from "../../../ci/src/run/record.js"
import { KINDS } from "../../../ci/src/stages.js"
import { big } from "./extremes.js"

const run = big(5000, 2000)
const tests = readJunit(junitXml(run))
const base = readRecord(JSON.stringify(run))
const stages = run.stages.map((stage) => (stage.tests.length > 0 ? { ...stage, tests } : stage))
const files = evidenceFiles({ ...run, stages })
const query = JSON.stringify({
  query: Object.values(files)
    .map((text) => JSON.stringify(text))
    .join(""),
})
const kept = [KINDS, base, files, query, summaryText(run, { color: false })]
const megabytes = process.resourceUsage().maxRSS / 1024
process.stdout.write(JSON.stringify({ tests: tests.length, kept: kept.length, megabytes }))
