import type { TestCase } from "../run/result.js"
import type { StageResult } from "../run/stage.js"

/** What Playwright, Puppeteer and Selenium print when they find no browser. */
const NO_BROWSER =
  /Executable doesn't exist at|playwright install|Could not find (?:Chrome|Firefox) \(ver|Failed to launch the browser process|(?:chrome|gecko)driver.*(?:not found|could not be found)/i

const isBlameless = ({ verdict, message }: TestCase): boolean =>
  verdict !== "failed" || NO_BROWSER.test(message ?? "")

/**
 * Returns the result of a red suite that found no browser: errored, for it says nothing about the code, and no stage but
 * the end-to-end tests has browsers. A laptop may do without.
 */
export const withoutBrowser = (result: StageResult, tests: string): StageResult =>
  result.verdict === "failed" && NO_BROWSER.test(result.log.text) && result.tests.every(isBlameless)
    ? {
        ...result,
        verdict: "errored",
        cause: "errored",
        unavailable: true,
        summary: `${tests} need a browser, which only end-to-end tests have: \`test:e2e\` runs them against the built app, where there is one`,
        tests: [],
        unchecked: [{ what: tests, reason: "they need a browser" }],
      }
    : result
