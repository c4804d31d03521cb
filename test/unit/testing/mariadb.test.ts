import { describe, expect, test } from "vitest"
import { bareService } from "../../../ci/src/project/declared/found.js"
import { technologyOf } from "../../../ci/src/project/declared/technologies.js"
import type { Replaced } from "../../../ci/src/project/service-container.js"
import { judge } from "../../../ci/src/testing/judge.js"
import { withoutServices } from "../../../ci/src/testing/lacking.js"
import { bad, FAIL, KNOWN, PASS, REPORT, ran, report } from "./ran.js"

const MYSQL = bareService("db", "mysql:8.4", technologyOf("mysql:8.4"), "compose.yaml:3")
const MARIADB: Replaced = { service: { ...MYSQL, required: true }, by: "MariaDB 10.11", lacks: null }

const around = (replaced: readonly Replaced[]): Parameters<typeof withoutServices>[2] => ({
  missing: [],
  local: {},
  replaced,
  docker: { kind: "none", line: "" },
  pulls: { refused: {}, pulled: {} },
  absent: [],
})

const judged = (replaced: readonly Replaced[], failed: typeof FAIL | null) =>
  withoutServices(
    judge(ran(failed === null ? null : bad(1), { [REPORT]: report(PASS, failed ?? PASS) }), KNOWN),
    "test",
    around(replaced),
  )

/** A suite of which no test ran, by its words. */
const unstarted = (text: string) =>
  withoutServices(
    { ...judge(ran(bad(1), { [REPORT]: report() }), KNOWN), log: { text, lines: 1 } },
    "test",
    around([MARIADB]),
  )

describe("tests on MariaDB instead of MySQL", () => {
  test("are errored where one failed: it may order rows or read SQL in another way", () => {
    expect(judged([MARIADB], FAIL)).toMatchObject({
      verdict: "errored",
      cause: "service",
      summary:
        "1 of 2 tests failed, on MariaDB 10.11 instead of MySQL 8.4: run the tests on an engine that has mysql:8.4",
    })
  })

  test("are errored where none ran, by an error of the client", () => {
    expect(unstarted("at /app/node_modules/mysql2/lib/connection.js:1").summary).toContain("MariaDB")
    expect(unstarted("No tests found, exiting with code 1")).toMatchObject({ verdict: "failed" })
  })

  test("pass where all passed", () => {
    expect(judged([MARIADB], null).verdict).toBe("passed")
  })

  test("fail on what the image is named after", () => {
    expect(judged([], FAIL).verdict).toBe("failed")
  })
})
