import { XMLParser } from "fast-xml-parser"
import type { TestCase } from "../run/result.js"
import { isRecord, type JsonRecord } from "./json.js"

/** An element as the parser returns it: attributes begin with `@`. */
type Element = JsonRecord

const TEXT = "#text"
const CDATA = "#cdata"

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value])

const elements = (value: unknown): readonly Element[] => list(value).flatMap(element)

/** Returns an element as a list: the parser makes plain text of an element without attributes. */
function element(value: unknown): readonly Element[] {
  if (isRecord(value)) return [value]
  return typeof value === "string" ? [{ [TEXT]: value }] : []
}

const text = (element: Element, name: string): string | null => {
  const value = element[name]
  return typeof value === "string" ? value : null
}

/** Parts of a report that may hold any text. */
const QUOTED = /<!\[CDATA\[[\s\S]*?\]\]>|<!--[\s\S]*?-->/g

/**
 * Reads the tests of a JUnit report in any runner's dialect: vitest, jest-junit, node:test, pytest, Playwright.
 *
 * @throws {Error} if the text is not a JUnit report.
 */
export function readJunit(xml: string): readonly TestCase[] {
  if (/<!DOCTYPE/i.test(xml.replace(QUOTED, ""))) throw new Error("XML document types are not allowed")
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
  if (!isRecord(root) || !("testsuites" in root || "testsuite" in root))
    throw new Error("no testsuites element")
  return suites(root, [])
}

/** Names that runners give to the suite of all tests: the class of a test says more. */
const WHOLE_RUN = ["Mocha Tests", "pytest"]

function suites(parent: Element, path: readonly string[]): readonly TestCase[] {
  const nested = [...elements(parent.testsuites), ...elements(parent.testsuite)]
  return nested.flatMap((suite) => {
    const name = text(suite, "@name")
    const named = name && !WHOLE_RUN.includes(name) && "testcase" in suite
    const here = named ? [...path, name] : path
    return [
      ...suites(suite, here),
      ...elements(suite.testcase).map((one) => testCase(one, here, text(suite, "@file"))),
    ]
  })
}

/** Elements of tests that passed when retried, as Maven Surefire and Playwright write them. */
const RETRIED = ["flakyFailure", "flakyError"]

function testCase(element: Element, path: readonly string[], suiteFile: string | null): TestCase {
  const failure = [...elements(element.failure), ...elements(element.error)][0]
  const flaky = RETRIED.flatMap((name) => elements(element[name]))[0]
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

/** Reads seconds; 0 for an invalid time: runners write `NaN`, `Infinity` and negative ones. */
function seconds(time: string | null): number {
  const value = Number(time ?? 0)
  return Number.isFinite(value) ? Math.max(0, value) : 0
}

/** So many lines of a failure's text are sure to be seen. */
const SEEN = 3

/** pytest's text begins with arguments and code, and tells what went wrong only below: its message goes first. */
function failureText(failure: Element): string {
  const texts = [...list(failure[TEXT]), ...list(failure[CDATA])].filter((part) => typeof part === "string")
  const [body, message] = [texts.join("").trim(), text(failure, "@message")?.trim() ?? ""]
  const lines = body.split("\n")
  const [said = ""] = message.split("\n")
  const isSeen = lines.length <= SEEN || lines.slice(0, SEEN).join("\n").includes(said)
  return isSeen ? body || message || "failed" : `${message}\n\n${body}`
}
