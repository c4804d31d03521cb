import { describe, expect, test } from "vitest"
import { tokenProblem } from "../../../ci/src/run/identity-token.js"

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url")
const token = (claims: unknown) => `${part({ alg: "RS256" })}.${part(claims)}.c2lnbmF0dXJl`
const NOW = Date.UTC(2026, 2, 31, 12)
const at = (minutes: number) => NOW / 1000 + minutes * 60

describe("an identity token", () => {
  test.each([
    ["that is valid", token({ sub: "repo:team/clinic", exp: at(5) })],
    ["that names no end", token({ sub: "repo:team/clinic" })],
    ["with a line break behind it", `${token({ exp: at(5) })}\n`],
    ["that is unsigned", `${part({ alg: "none" })}.${part({ sub: "a" })}.`],
  ])("%s may be used", (_, text) => {
    expect(tokenProblem(text, NOW)).toBeNull()
  })

  test.each([
    ["empty", ""],
    ["what jq prints for a missing value", "null"],
    ["a page of HTML", "<html>502</html>"],
    ["a key", "AKIAIOSFODNN7EXAMPLE"],
    ["two parts", `${part({})}.${part({})}`],
    ["four parts", `${token({})}.more`],
    ["claims that are no JSON", "aaaa.bbbb.cccc"],
    ["claims that are a list", token([])],
  ])("is refused: %s", (_, text) => {
    expect(tokenProblem(text, NOW)).toBe("not a JSON Web Token")
  })

  test("is refused once it has expired, with the time", () => {
    expect(tokenProblem(token({ exp: at(-1) }), NOW)).toBe("expired at 2026-03-31 11:59:00 UTC")
  })
})
