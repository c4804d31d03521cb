import { describe, expect, test } from "vitest"
import { bareService } from "../../../ci/src/project/declared/found.js"
import { technologyOf } from "../../../ci/src/project/declared/technologies.js"
import { NO_WORK } from "../../../ci/src/run/outcome.js"
import type { StageResult } from "../../../ci/src/run/stage.js"
import { withoutServices } from "../../../ci/src/testing/docker.js"

const failed = (message: string): StageResult => ({
  ...NO_WORK,
  verdict: "failed",
  cause: "failed",
  summary: "1 of 1 test failed",
  findings: [],
  tests: [{ name: "a", suite: "", file: null, seconds: 0, verdict: "failed", message }],
})

const judged = (image: string, message: string) =>
  withoutServices(failed(message), "test:integration", { missing: [], local: {} }, [
    bareService("db", image, technologyOf(image), "compose.yaml:3"),
  ])

describe("tests that fail on MariaDB in the place of MySQL", () => {
  test.each([
    "Input: '10.11.14-MariaDB-0+deb12u2'",
    "check the manual that corresponds to your MariaDB server version for the right syntax",
    "Unknown collation: 'utf8mb4_0900_ai_ci'",
  ])("are errored for what MariaDB alone says: %s", (message) => {
    expect(judged("mysql:8.4", message)).toMatchObject({
      verdict: "errored",
      summary: expect.stringContaining("MariaDB in the place of MySQL 8.4"),
    })
  })

  test.each([
    ["mysql:8.4", "Expected 2, got 1"],
    ["mariadb:11", "check the manual that corresponds to your MariaDB server version"],
  ])("stay failed on %s for: %s", (image, message) => {
    expect(judged(image, message).verdict).toBe("failed")
  })
})
