import { XMLParser } from "fast-xml-parser"
import type { TestCase } from "../run/result.js"

/** An element as the parser gives it: attributes begin with `@`. */
type Element = Readonly<Record<string, unknown>>

const isElement = (value: unknown): value is Element =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const TEXT = "#text"
const CDATA = "#cdata"

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value])

const elements = (value: unknown): readonly Element[] => list(value).flatMap(element)

/** The parser makes a plain text of an element without attributes. */
function element(value: unknown): readonly Element[] {
  if (isElement(value)) return [value]
  return typeof value === "string" ? [{ [TEXT]: value }] : []
}

const text = (element: Element, name: string): string | null => {
  const value = element[name]
  return typeof value === "string" ? value : null
}

/** Where a report may hold any text. */
const QUOTED = /<!\[CDATA\[[\s\S]*?\]\]>|<!--[\s\S]*?-->/g

/**
 * The tests in a JUnit report, of any runner's dialect: vitest, jest-junit, node:test, pytest, Playwright.
 *
 * @throws Error when the text is not such a report.
 */
export function readJunit(xml: string): readonly TestCase[] {
  if (/<!DOCTYPE/i.test(xml.replace(QUOTED, ""))) throw new Error("it has a document type, as no report does")
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: "@",
    parseTagValue: false,
    parseAttributeValue: false,
    textNodeName: TEXT,
    cdataPropName: CDATA,
    processEntities: true,
    htmlEntities: true,
  })
  const root: unknown = parser.parse(xml, true)
  if (!isElement(root) || !("testsuites" in root || "testsuite" in root))
    throw new Error("it has no testsuites")
  return suites(root, [])
}

/** What some runners call all of their tests: the class of a test then says more. */
const WHOLE_RUN = ["Mocha Tests", "pytest"]

function suites(parent: Element, path: readonly string[]): readonly TestCase[] {
  const nested = [...elements(parent.testsuites), ...elements(parent.testsuite)]
  return nested.flatMap((suite) => {
    const name = text(suite, "@name")
    const told = name && !WHOLE_RUN.includes(name) && "testcase" in suite
    const here = told ? [...path, name] : path
    return [
      ...suites(suite, here),
      ...elements(suite.testcase).map((one) => testCase(one, here, text(suite, "@file"))),
    ]
  })
}

/** What passed when it was tried again, as Maven Surefire and Playwright write it. */
const TRIED_AGAIN = ["flakyFailure", "flakyError"]

function testCase(element: Element, path: readonly string[], suiteFile: string | null): TestCase {
  const failure = [...elements(element.failure), ...elements(element.error)][0]
  const flaky = TRIED_AGAIN.flatMap((name) => elements(element[name]))[0]
  const problem = failure ?? flaky
  const unlessFailed = "skipped" in element ? "skipped" : "passed"
  return {
    suite: path.join(" › ") || text(element, "@classname") || "",
    name: text(element, "@name") ?? "",
    file: text(element, "@file") ?? suiteFile,
    seconds: seconds(text(element, "@time")),
    verdict: failure ? "failed" : unlessFailed,
    message: problem ? failureText(problem) : null,
    ...(flaky && !failure ? { flaky: true } : {}),
  }
}

/** 0 for what is no time: `NaN`, `Infinity` and negative ones have been seen. */
function seconds(time: string | null): number {
  const value = Number(time ?? 0)
  return Number.isFinite(value) ? Math.max(0, value) : 0
}

function failureText(failure: Element): string {
  const said = [...list(failure[TEXT]), ...list(failure[CDATA])].filter((part) => typeof part === "string")
  return said.join("").trim() || text(failure, "@message") || "failed"
}
