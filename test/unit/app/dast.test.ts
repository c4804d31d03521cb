import { describe, expect, test } from "vitest"
import type { Exchange } from "../../../ci/src/app/dast/exchange.js"
import { inputs } from "../../../ci/src/app/dast/inputs.js"
import { judge } from "../../../ci/src/app/dast/judge.js"
import { MARKUP, probes, STRANGER, survey } from "../../../ci/src/app/dast/requests.js"
import { RULES } from "../../../ci/src/app/dast/rules.js"

const SAFE = {
  "content-security-policy": "default-src 'self'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
}

function answer(
  change: Partial<Exchange> & { readonly headers?: Readonly<Record<string, string>> },
  sent: Readonly<Record<string, string>> = {},
): Exchange {
  const { headers: _, ...rest } = change
  return {
    why: "page",
    method: "GET",
    path: "/",
    headers: {},
    body: null,
    status: 200,
    text: "<p>hello</p>",
    error: null,
    ...rest,
    answered: Object.entries({ "content-type": "text/html", ...SAFE, ...sent }),
  }
}

const rules = (exchange: Exchange) => judge([exchange], []).map(({ rule }) => rule)

describe("an answer", () => {
  test("of a careful app has nothing wrong", () => {
    expect(
      rules(answer({}, { server: "nginx", "set-cookie": "sid=1; HttpOnly; Secure; SameSite=Lax" })),
    ).toEqual([])
    expect(rules(answer({ why: "sql", status: 400, text: '{"error":"invalid"}' }))).toEqual([])
    expect(rules(answer({ why: "private", path: "/.env", text: "<title>App</title>" }))).toEqual([])
    expect(rules(answer({ text: "Open at 10:30:15, closes at 12:00:00" }))).toEqual([])
  })

  test.each([
    ["no-content-security-policy", answer({}, { "content-security-policy": "", "x-frame-options": "DENY" })],
    ["can-be-framed", answer({}, { "content-security-policy": "default-src 'self'" })],
    ["content-type-guessed", answer({}, { "x-content-type-options": "" })],
    ["no-referrer-policy", answer({}, { "referrer-policy": "" })],
    ["version-told", answer({}, { server: "nginx/1.25.3" })],
    ["version-told", answer({}, { "x-powered-by": "Express" })],
    ["cookie-for-scripts", answer({}, { "set-cookie": "sid=1; Secure; SameSite=Lax" })],
    ["cookie-over-http", answer({}, { "set-cookie": "sid=1; HttpOnly; SameSite=Lax" })],
    ["cookie-across-sites", answer({}, { "set-cookie": "theme=dark" })],
    ["stack-trace", answer({ status: 404, text: "Error: x<br> &nbsp; at /app/server.js:3:9<br>" })],
    ["stack-trace", answer({ status: 404, text: "Traceback (most recent call last):\n" })],
    ["database-error", answer({ status: 400, text: 'error: unterminated quoted string at or near "\'"' })],
    ["server-error", answer({ why: "malformed", status: 500 })],
    ["no-answer", answer({ why: "malformed", status: 0, error: "socket hang up" })],
    ["markup-repeated", answer({ why: "markup", text: `<p>${MARKUP}</p>` })],
    ["file-read", answer({ why: "traversal", text: "root:x:0:0:root:/root:/bin/sh" })],
    ["open-redirect", answer({ why: "redirect", status: 302 }, { location: `${STRANGER}/` })],
    [
      "open-to-strangers",
      answer({}, { "access-control-allow-origin": STRANGER, "access-control-allow-credentials": "true" }),
    ],
    ["private-file", answer({ why: "private", path: "/.env", text: "DB_PASSWORD=x\n" })],
    ["folder-listed", answer({ text: "<title>Index of /files</title>" })],
  ])("that breaks %s is found by it alone", (rule, exchange) => {
    expect(rules(exchange)).toEqual([rule])
  })

  test("that markup reaches unescaped as JSON is no page", () => {
    expect(
      rules(answer({ why: "markup", text: JSON.stringify(MARKUP) }, { "content-type": "application/json" })),
    ).toEqual([])
  })
})

test("each rule has a finding that names the weakness and the request, once for what one setting mends", () => {
  const pages = ["/", "/a", "/b?c=1"].map((path) => answer({ path }, { "x-content-type-options": "" }))
  const broken = ["/a?id='", "/a?q='", "/b"].map((path) => answer({ why: "sql", path, status: 500 }))
  const found = judge([...pages, ...broken], [])
  expect(found.map(({ rule, fingerprint }) => [rule, fingerprint])).toEqual([
    ["content-type-guessed", "dast:content-type-guessed:"],
    ["server-error", "dast:server-error:GET /a"],
    ["server-error", "dast:server-error:GET /b"],
  ])
  expect(found[1]?.message).toContain("(CWE-755; status 500): GET /a?id=', GET /a?q='")
  expect(
    judge(
      [...pages, ...broken],
      RULES.map(({ rule }) => rule),
    ),
  ).toEqual([])
})

describe("what takes input", () => {
  const found = inputs([
    answer({
      text: '<form action="/search"><input name="q"></form><form method=post action="/sign-in"><input name=user></form>',
    }),
    answer({ path: "/list?page=2" }),
    answer(
      { text: 'fetch("/api/patients/search"); fetch("/api/days?date=" + d)' },
      { "content-type": "text/javascript" },
    ),
    answer(
      {
        why: "description",
        text: JSON.stringify({
          paths: {
            "/items/{id}": {
              get: { parameters: [{ in: "query", name: "sort" }] },
              post: {
                requestBody: {
                  content: { "application/json": { schema: { properties: { title: {}, price: {} } } } },
                },
              },
            },
          },
        }),
      },
      { "content-type": "application/json" },
    ),
  ])

  test.each([
    ["a form", { method: "GET", path: "/search", query: ["q"] }],
    ["a form that is posted", { method: "POST", path: "/sign-in", fields: ["user"] }],
    ["an address with a query", { method: "GET", path: "/list", query: ["page"] }],
    ["a script", { method: "POST", path: "/api/patients/search" }],
    ["a script that fills in a query", { method: "GET", path: "/api/days", query: ["date"] }],
    ["an OpenAPI description", { method: "POST", path: "/items/1", fields: ["title", "price"] }],
  ])("is found by %s", (_what, input) => {
    expect(found).toContainEqual(expect.objectContaining(input))
  })

  test("is probed in each of its fields, with requests that can be sent", () => {
    const sent = probes([answer({ path: "/list?page=2" })])
    expect(sent.map(({ why }) => why)).toEqual(
      expect.arrayContaining(["sql", "markup", "traversal", "stranger"]),
    )
    for (const { path } of [...sent, ...survey(["/a"])]) expect(path).toMatch(/^\/[\x21-\x7e]*$/)
  })
})
