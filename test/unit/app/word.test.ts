import { describe, expect, test } from "vitest"
import { readListens } from "../../../ci/src/app/listens.js"
import { isDescribed, lackingWord } from "../../../ci/src/app/word.js"
import { parseConfig } from "../../../ci/src/settings.js"

describe("an app that does not start", () => {
  test.each([
    ["Error: DATABASE_URL is not set", "the variable DATABASE_URL"],
    ["Environment variable not found: DATABASE_URL.", "the variable DATABASE_URL"],
    ["Missing required environment variable: JWT_SECRET", "the variable JWT_SECRET"],
    ['[\n  { "path": ["API_KEY"], "message": "Required" }\n]\nAPI_KEY: Required', "the variable API_KEY"],
    ["Error: connect ECONNREFUSED 10.1.0.4:6379\n    at TCP", "reaches no 10.1.0.4:6379"],
    ["getaddrinfo ENOTFOUND mongo", "reaches no mongo"],
    ["usage: tool FILE\nslipway: ended with exit code 0", "no server"],
  ])("lacks a word of the team: %s", (log, word) => {
    expect(lackingWord(log, "api")).toContain(word)
  })

  test.each([
    "Error: Cannot find module '/app/dist/index.js'\n  code: 'MODULE_NOT_FOUND'",
    "Error [ERR_MODULE_NOT_FOUND]: Cannot find package 'express'\nslipway: ended with exit code 1",
    "TypeError: undefined is not a function\nslipway: ended with exit code 1",
    "slipway: service: api did not come up: http://api:3000/health does not answer: connect ECONNREFUSED 10.1.0.4:3000",
  ])("is at fault itself: %s", (log) => {
    expect(lackingWord(log, "api")).toBeNull()
  })

  test("is at fault where slipway.yaml describes it", () => {
    expect(isDescribed(parseConfig("{}"))).toBe(false)
    expect(isDescribed(parseConfig("app: { services: { api: { port: 3000 } } }"))).toBe(true)
  })
})

test.each([
  ["ready\nslipway: listens on 3000\n", { port: 3000 }],
  [
    "boom\nslipway: ended with exit code 1\n",
    { why: "ended with exit code 1 before it listened on a port: boom" },
  ],
  ["slipway: listens on nothing\n", { why: "listens on no port within 40 s" }],
])("where a program listens is read of %j", (log, expected) => {
  expect(readListens(log)).toMatchObject(expected)
})
