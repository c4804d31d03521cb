import { describe, expect, test } from "vitest"
import { judgeBuild } from "../../../ci/src/project/build.js"
import { NO_WORK } from "../../../ci/src/run/outcome.js"

const judged = (text: string) =>
  judgeBuild({ ...NO_WORK, verdict: "failed", cause: "failed", summary: "", log: { text, lines: 1 } })

describe("a build that fails says nothing of the code", () => {
  test.each([
    "❌ Invalid environment variables: [ { code: 'invalid_type', path: ['POSTGRES_URL'] } ]",
    "Error: Missing required environment variable: AUTH_SECRET",
    "Error: Environment variable not found: DATABASE_URL.",
    "Error: STRIPE_SECRET_KEY is not set",
    "Error: `NEXT_PUBLIC_API_URL` is required",
    "Error: Missing POSTGRES_URL",
  ])("where a variable is missing: %s", (line) => {
    expect(judged(`> next build\n${line}\n    at x`)).toMatchObject({
      verdict: "errored",
      cause: "errored",
      summary: expect.stringContaining(`stages.build.env\` in slipway.yaml: ${line.slice(0, 20)}`),
    })
  })

  test.each([
    "FetchError: request to https://fonts.example/ failed, reason: getaddrinfo ENOTFOUND fonts.example",
    "Failed to fetch `Geist` from Google Fonts.",
    "Error: connect ECONNREFUSED 127.0.0.1:5432",
    "curl: (6) Could not resolve host: example.com",
  ])("where the network or a service is missing: %s", (line) => {
    expect(judged(line)).toMatchObject({ verdict: "errored", cause: "download" })
  })
})

test.each([
  "src/a.ts(1,7): error TS2322: Type 'string' is not assignable to type 'number'.",
  "src/env.ts(3,1): error TS2741: Property 'API_URL' is missing in type '{}'.",
  "ReferenceError: API_URL is not defined",
  "error TS2304: Cannot find name 'API_URL'.",
  "Error: the option outDir is required",
])("a build that fails by its code stays failed: %s", (line) => {
  expect(judged(line)).toMatchObject({ verdict: "failed", cause: "failed" })
})
