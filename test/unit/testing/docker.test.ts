import { expect, test } from "vitest"
import { withoutBrowser } from "../../../ci/src/testing/browsers.js"
import { withoutServices } from "../../../ci/src/testing/docker.js"
import { judge } from "../../../ci/src/testing/judge.js"
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

test("tests that find no browser are skipped, and named; another failure beside them counts", () => {
  const log = "browserType.launch: Executable doesn't exist at /root/.cache/ms-playwright/chromium"
  const judged = (...cases: string[]) =>
    withoutBrowser(judge(ran(bad(1), { [REPORT]: report(...cases) }, log), KNOWN), "test")
  expect(judged(failure(log))).toMatchObject({
    verdict: "skipped",
    tests: [],
    unchecked: [{ what: "the script test" }],
  })
  expect(judged(failure(log), failure("1 is not 2")).verdict).toBe("failed")
})
