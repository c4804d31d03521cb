import { describe, expect, test } from "vitest"
import { readJunit } from "../../../ci/src/formats/junit.js"
import { sample } from "../testdata.js"

const verdicts = (xml: string) => readJunit(xml).map(({ suite, name, verdict }) => [suite, name, verdict])
const read = (runner: string) => verdicts(sample(`junit/${runner}.xml`))
const messages = (runner: string) =>
  readJunit(sample(`junit/${runner}.xml`)).flatMap(({ message }) => (message === null ? [] : [message]))

const LOUD = 'closes <late> & "loud"'

describe("a report of", () => {
  test.each([
    [
      "vitest",
      [
        ["t/v.test.ts", "opening hours > opens at nine", "passed"],
        ["t/v.test.ts", `opening hours > ${LOUD}`, "failed"],
        ["t/v.test.ts", "opening hours > on holidays > is closed", "skipped"],
      ],
    ],
    [
      "jest",
      [
        ["opening hours", "opening hours opens at nine", "passed"],
        ["opening hours", `opening hours ${LOUD}`, "failed"],
        ["opening hours", "opening hours on holidays is closed", "skipped"],
      ],
    ],
    [
      "mocha",
      [
        ["opening hours", "opens at nine", "passed"],
        ["opening hours", LOUD, "failed"],
        ["opening hours on holidays", "is closed", "skipped"],
      ],
    ],
    [
      "playwright",
      [
        ["t/p.spec.ts", "opening hours › opens at nine", "passed"],
        ["t/p.spec.ts", "opening hours › closes late", "failed"],
        ["t/p.spec.ts", "opening hours › is closed", "skipped"],
      ],
    ],
    [
      "pytest",
      [
        ["t.test_hours.TestHours", "test_opens", "passed"],
        ["t.test_hours.TestHours", "test_closes", "failed"],
        ["t.test_hours", "test_closed", "skipped"],
        ["t.test_hours", "test_setup", "failed"],
      ],
    ],
  ])("%s has each test's verdict", (runner, expected) => {
    expect(read(runner)).toEqual(expected)
  })

  test("node:test has each test's verdict and suites", () => {
    expect(read("node").map(([suite, , verdict]) => [suite, verdict])).toEqual([
      ["opening hours › on holidays", "skipped"],
      ["opening hours", "passed"],
      ["opening hours", "failed"],
    ])
  })

  test.each([
    ["vitest", "AssertionError: closing hour ]]> is wrong"],
    ["jest", "Expected value to strictly be equal to:"],
    ["mocha", "closing hour ]]> is wrong"],
    ["node", "closing hour ]]> is wrong"],
    ["playwright", "Expected: 20"],
    ["pytest", "E   AssertionError: closing <hour>"],
  ])("%s quotes the failure", (runner, text) => {
    expect(messages(runner)[0]).toContain(text)
  })

  test("mocha names the file", () => {
    expect(readJunit(sample("junit/mocha.xml"))[0]?.file).toBe("/app/backend/t/m.test.cjs")
  })
})

const wrap = (inner: string) =>
  `<testsuites><testsuite name="s"><testcase name="t" time="0.5">${inner}</testcase></testsuite></testsuites>`

describe("a failure", () => {
  test.each([
    ["in an attribute", '<failure message="wrong"/>', "wrong"],
    ["in text", "<failure>wrong</failure>", "wrong"],
    ["in CDATA", "<failure><![CDATA[a < b]]></failure>", "a < b"],
    ["in parts of CDATA", "<failure><![CDATA[a ]]]]><![CDATA[> b]]></failure>", "a ]]> b"],
    ["told twice", '<failure message="short">long</failure>', "long"],
    [
      "below arguments and code",
      `<failure message="assert 1 == 2&#10;  where">size = 1\n\n    def test_it(size):\n&gt;       assert size == 2\nE       assert 1 == 2</failure>`,
      "assert 1 == 2\n  where\n\nsize = 1\n\n    def test_it(size):\n>       assert size == 2\nE       assert 1 == 2",
    ],
    [
      "told first in its own text",
      '<failure message="no">Error: no\n  at a\n  at b\n  at c</failure>',
      "Error: no\n  at a\n  at b\n  at c",
    ],
    ["that says nothing", "<failure/>", "failed"],
    [
      "that quotes a page",
      "<failure><![CDATA[<!DOCTYPE html><p>no</p>]]></failure>",
      "<!DOCTYPE html><p>no</p>",
    ],
    ["that is an error", "<error>no database</error>", "no database"],
    ["of several", "<failure>first</failure><failure>second</failure>", "first"],
  ])("%s is read", (_what, inner, message) => {
    expect(readJunit(wrap(inner))).toEqual([
      { suite: "s", name: "t", file: null, seconds: 0.5, verdict: "failed", message },
    ])
  })
})

describe("a report", () => {
  test.each([
    "",
    "no XML at all",
    '{"tests": []}',
    "<testsuites><testsuite>",
    "<html><body/></html>",
    "<a/><b/>",
  ])("is refused if it is not JUnit XML: %j", (xml) => {
    expect(() => readJunit(xml)).toThrow()
  })

  test.each([
    "<testsuites/>",
    "<testsuites></testsuites>",
    '<testsuite name="x" tests="0"/>',
  ])("may have no tests: %s", (xml) => {
    expect(readJunit(xml)).toEqual([])
  })

  test("may have tests outside of suites", () => {
    expect(verdicts('<testsuites><testcase name="alone" time="0.1"/></testsuites>')).toEqual([
      ["", "alone", "passed"],
    ])
  })

  test("is refused with entity declarations, before they expand", () => {
    const levels = Array.from({ length: 9 }, (_, i) => `<!ENTITY l${9 - i} "${`&l${8 - i};`.repeat(10)}">`)
    const bomb = `<?xml version="1.0"?><!DOCTYPE x [${levels.join("")}<!ENTITY l0 "ha">]><testsuites><testsuite name="&l9;"/></testsuites>`
    expect(() => readJunit(bomb)).toThrow("document type")
  })

  test("may have 5,000 tests", () => {
    const cases = Array.from(
      { length: 5000 },
      (_, i) => `<testcase classname="c" name="test ${i}" time="0.01"/>`,
    )
    expect(
      readJunit(`<testsuites><testsuite name="s">${cases.join("")}</testsuite></testsuites>`),
    ).toHaveLength(5000)
  })
})
