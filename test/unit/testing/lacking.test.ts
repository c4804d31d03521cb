import { describe, expect, test } from "vitest"
import { gated } from "../../../ci/src/run/gate.js"
import { withoutBrowser } from "../../../ci/src/testing/browsers.js"
import { judge } from "../../../ci/src/testing/judge.js"
import { withoutServices } from "../../../ci/src/testing/lacking.js"
import { bad, KNOWN, PASS, REPORT, ran, report } from "./ran.js"

const failure = (message: string) => `<testcase name="b"><failure>${message}</failure></testcase>`
const REFUSED = "Error: connect ECONNREFUSED 127.0.0.1:3000"
const NOTHING = { missing: [], local: {}, replaced: [] }

const suite = (script: string, ...cases: string[]) =>
  withoutServices(judge(ran(bad(1), { [REPORT]: report(...cases) }, REFUSED), KNOWN), script, NOTHING)

test("end-to-end tests that find no running app are errored, with its port", () => {
  expect(suite("test:e2e", failure(REFUSED), PASS)).toMatchObject({
    verdict: "errored",
    summary: expect.stringContaining("look for the running app on localhost:3000"),
  })
})

test("a test that fails otherwise is the code's, as is one that should start its server", () => {
  expect(suite("test:e2e", failure(REFUSED), failure("no title")).verdict).toBe("failed")
  expect(suite("test", failure(REFUSED)).verdict).toBe("failed")
})

describe("tests that find no browser", () => {
  const log = "browserType.launch: Executable doesn't exist at /root/.cache/ms-playwright/chromium"
  const judged = (...cases: string[]) =>
    withoutBrowser(judge(ran(bad(1), { [REPORT]: report(...cases) }, log), KNOWN), "the tests of test")
  const by = (lenient: boolean) => ({ gate: "own", policy: "default", lenient, base: null }) as const

  test("are errored in CI and under `policy: strict`, and a visible skip on a laptop", () => {
    const result = judged(failure(log))
    expect(gated(result, by(false))).toMatchObject({ verdict: "errored", tests: [] })
    expect(gated(result, by(true))).toMatchObject({
      verdict: "skipped",
      summary: expect.stringContaining("the tests of test need a browser"),
      unchecked: [{ what: "the tests of test" }],
    })
  })

  test("are failed where another test fails beside them", () => {
    expect(gated(judged(failure(log), failure("1 is not 2")), by(true)).verdict).toBe("failed")
  })
})

const DOWNLOAD =
  "Error: request to https://binaries.example.com/engine.gz failed, reason: getaddrinfo ENOTFOUND binaries.example.com"

const logged = (log: string, ...cases: string[]) =>
  withoutServices(judge(ran(bad(1), { [REPORT]: report(...cases) }, log), KNOWN), "test", NOTHING)

test("tests that cannot run without a host on the internet are errored, and name it", () => {
  const expected = {
    verdict: "errored",
    summary: "binaries.example.com is not reachable here; the script test cannot run without it",
  }
  expect(logged(DOWNLOAD)).toMatchObject(expected)
  expect(logged("", failure(DOWNLOAD), failure(DOWNLOAD), PASS)).toMatchObject(expected)
})

test("a suite is red for another test that failed beside those, and for a failure after its tests", () => {
  expect(logged("", failure(DOWNLOAD), failure("1 is not 2")).verdict).toBe("failed")
  expect(logged(DOWNLOAD, PASS).verdict).toBe("failed")
})
