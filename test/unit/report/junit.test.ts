import { XMLParser, XMLValidator } from "fast-xml-parser"
import { describe, expect, it } from "vitest"
import { z } from "zod"
import { clean } from "../../../ci/src/formats/clean.js"
import { junitXml } from "../../../ci/src/report/junit.js"
import { runOf, stage, test } from "../report/builders.js"
import { HOSTILE, hostile } from "../report/extremes.js"
import { errored, green, red } from "../report/sample.js"

const Problem = z.object({ message: z.string(), type: z.string().optional(), text: z.string().optional() })
const Case = z.object({
  classname: z.string(),
  name: z.string(),
  file: z.string().optional(),
  time: z.coerce.number(),
  failure: Problem.optional(),
  error: Problem.optional(),
  skipped: z.unknown().optional(),
})
const Counts = {
  tests: z.coerce.number(),
  failures: z.coerce.number(),
  errors: z.coerce.number(),
  skipped: z.coerce.number(),
}
const Suite = z.object({ name: z.string(), ...Counts, testcase: z.array(Case) })
const Report = z.object({
  testsuites: z.object({ name: z.string(), ...Counts, testsuite: z.array(Suite).default([]) }),
})

function parsed(xml: string) {
  expect(XMLValidator.validate(xml)).toBe(true)
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: "",
    textNodeName: "text",
    parseTagValue: false,
    parseAttributeValue: false,
    htmlEntities: true,
    isArray: (name) => name === "testsuite" || name === "testcase",
  })
  return Report.parse(parser.parse(xml)).testsuites
}

describe("JUnit", () => {
  it("holds every test of the run", () => {
    const suites = parsed(junitXml(red()))
    const tests = red().stages.flatMap((one) => one.tests)
    const cases = suites.testsuite.flatMap((suite) => suite.testcase)
    for (const wanted of tests) {
      const found = cases.filter((one) => one.name === wanted.name && one.classname.endsWith(wanted.suite))
      expect(found).toHaveLength(1)
      expect(found[0]?.time).toBeCloseTo(wanted.seconds, 3)
      expect(found[0]?.failure?.text).toBe(wanted.message ?? undefined)
      expect("skipped" in (found[0] ?? {})).toBe(wanted.verdict === "skipped")
    }
    expect(suites).toMatchObject({ tests: tests.length + 2, failures: 3, errors: 1, skipped: 1 })
    expect(suites.testsuite.map((suite) => suite.tests)).toEqual(
      suites.testsuite.map((one) => one.testcase.length),
    )
  })

  it("shows a red stage without tests as a case: <failure> if failed, <error> if errored", () => {
    const suites = parsed(junitXml(red())).testsuite
    const lint = suites.find((suite) => suite.name === "lint")?.testcase[0]
    expect(lint?.failure?.message).toBe("2 errors, 1 warning")
    expect(lint?.failure?.text).toContain("backend/src/app.ts:7  no-console  Unexpected console statement.")
    const scan = parsed(junitXml(errored())).testsuite.find((suite) => suite.name === "scan:dependencies")
      ?.testcase[0]
    expect(scan?.failure).toBeUndefined()
    expect(scan?.error).toMatchObject({ type: "download", text: expect.stringContaining("i/o timeout") })
  })

  it("shows a failed stage whose tests passed as failure", () => {
    const hung = stage("unit", {
      verdict: "failed",
      cause: "timed-out",
      summary: "stopped after 5 min",
      tests: [test("a", "b")],
    })
    expect(parsed(junitXml(runOf("failed", [hung])))).toMatchObject({ tests: 2, failures: 1 })
  })

  it("has no failures for a green run, and is valid without tests", () => {
    expect(parsed(junitXml(green()))).toMatchObject({ failures: 0, errors: 0, tests: 57 })
    expect(parsed(junitXml(runOf("skipped", [])))).toMatchObject({ tests: 0, testsuite: [] })
  })

  it("stays valid with hostile text", () => {
    const cases = parsed(junitXml(hostile())).testsuite.flatMap((suite) => suite.testcase)
    expect(cases[0]?.name).toBe(clean(HOSTILE))
    expect(cases[0]?.failure?.text).toContain("</pre></details>")
    expect(cases[0]?.time).toBe(0)
  })
})
