import type { ReportData } from "../src/report/data.js"
import { make, makeSvg, screenReaderText } from "./dom.js"

/** How a test ended; `flaky` failed, and passed when tried again. */
export type TestVerdict = ReportData["groups"][number]["tests"][number][2]

const WORDS: Readonly<Record<TestVerdict, string>> = {
  passed: "Passed",
  failed: "Failed",
  skipped: "Skipped",
  flaky: "Flaky",
}

/** Symbols of the page, by name: it has none for flaky tests alone. */
const SHAPES: Readonly<Record<TestVerdict, string>> = {
  passed: "passed",
  failed: "failed",
  skipped: "skipped",
  flaky: "errored",
}

/** Marks a test's verdict by symbol, and by word for screen readers. */
export function verdictMark(verdict: TestVerdict): readonly Node[] {
  const shape = SHAPES[verdict]
  const use = makeSvg("use", { href: `#i-${shape}` })
  const icon = makeSvg("svg", { class: `icon v-${shape}`, "aria-hidden": "true" }, use)
  return [icon, screenReaderText(`${WORDS[verdict]}: `)]
}

/** Marks flaky tests by word for the eye, too: their symbol is not theirs alone. */
export const flakyTag = (verdict: TestVerdict): readonly (Node | string)[] =>
  verdict === "flaky" ? [" ", make("span", "tag", "flaky")] : []
