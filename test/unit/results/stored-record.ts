import type { Stored } from "../../../ci/src/run/stored.js"

/** A record of a stage that passed. */
export const storedRecord = (): Stored => ({
  schema: 1,
  key: "a".repeat(64),
  stage: "lint",
  inputs: `sha256:${"b".repeat(64)}`,
  origin: {
    run: "4711",
    attempt: 1,
    vendor: "github",
    url: "https://ci.example.org/4711",
    commit: "c".repeat(40),
    actor: "ada",
    slipway: "0.1.0",
  },
  startedAt: 1_700_000_000_000,
  endedAt: 1_700_000_004_000,
  conditions: { images: { "node:22": `sha256:${"d".repeat(64)}` }, reads: { variables: [] }, until: null },
  handsOn: false,
  outcome: {
    verdict: "passed",
    cause: null,
    summary: "nothing found",
    findings: [],
    tests: [],
    steps: [],
    log: { text: "fine\n", lines: 1 },
  },
  images: [],
  unchecked: [],
  unread: [],
  incomplete: false,
  lines: { "src/a.ts": [[1, 2]] },
  texts: { "sarif/lint.sarif": "{}" },
  blobs: {},
})
