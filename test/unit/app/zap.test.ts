import { expect, test } from "vitest"
import { judgeZap } from "../../../ci/src/app/dast/zap.js"
import { bad, ran } from "../testing/ran.js"

/** As ZAP's traditional JSON report has it: numbers are text. */
const report = (riskcode: string, sites = 1): string =>
  JSON.stringify({
    "@programName": "ZAP",
    "@version": "2.16.1",
    site: Array.from({ length: sites }, () => ({
      "@name": "http://app:8080",
      alerts: [
        {
          pluginid: "10038",
          alertRef: "10038-1",
          name: "Content Security Policy (CSP) Header Not Set",
          riskcode,
          cweid: "693",
          instances: [
            { uri: "http://app:8080/", method: "GET" },
            { uri: "http://app:8080/about?a=1", method: "GET" },
          ],
        },
      ],
    })),
  })

const judged = (text: string, ignored: readonly string[] = []) =>
  judgeZap(ran(null, { "/zap/wrk/zap.json": text }), ignored)

test("what ZAP rates medium or worse fails, and is named with its weakness and where it was seen", () => {
  expect(judged(report("2"))).toMatchObject({
    verdict: "failed",
    findings: [
      { rule: "zap.10038-1", severity: "medium", message: expect.stringMatching(/\(CWE-693\): GET \/, GET/) },
    ],
    looked: [{ tool: "zap", version: "2.16.1", what: "http://app:8080" }],
  })
})

test("what it rates low is reported, and what the project ignores is not", () => {
  expect(judged(report("1"))).toMatchObject({ verdict: "passed", findings: [{ severity: "low" }] })
  expect(judged(report("3"), ["zap.10038-1"])).toMatchObject({ verdict: "passed", findings: [] })
})

test.each([
  ["a report of no site", judged(report("2", 0))],
  ["no report", judgeZap(ran(bad(3), {}, "Failed to start ZAP"), [])],
  ["a report that is none", judged("<html>")],
])("%s is no look", (_what, result) => expect(result).toMatchObject({ verdict: "errored" }))
