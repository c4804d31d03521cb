import * as fs from "node:fs"
import * as path from "node:path"
import { describe, expect, test } from "vitest"
import { app, call, edit, medflowWith, nothingBut, report, stagesWith } from "./support.js"

/** A check of nothing but what looks at the running app. */
const ALONE = nothingBut("image", "e2e", "a11y", "dast")

/** Medflow, with that check. */
const clinic = (): string => medflowWith(ALONE)

describe("an app that is well", () => {
  test("is green in its own tests, for everybody's eyes and from outside, each with a database of its own, and again only for what its images hold", async () => {
    const folder = clinic()
    const { record, stage } = await report(folder)
    expect(record, record.stages.map(({ name, summary }) => `${name}: ${summary}`).join("\n")).toMatchObject({
      verdict: "passed",
    })
    expect(stage("test:e2e").summary).toBe("5 tests in chromium")
    expect(stage("test:e2e").tests.map(({ file }) => file)).toContain("e2e/tests/booking.spec.ts")
    expect(stage("test:a11y")).toMatchObject({ verdict: "passed", looked: [{ tool: "axe" }] })
    expect(stage("dast")).toMatchObject({ verdict: "passed", findings: [], looked: [{ verdict: "passed" }] })

    edit(folder, "README.md", (text) => `${text}\nChanged.\n`)
    edit(folder, "backend/test/unit/config.test.ts", (text) => `${text}\n// Changed.\n`)
    const again = await report(folder)
    expect(stagesWith(again.record, ({ name, cached }) => !cached && !name.startsWith("image:"))).toEqual([])
  })
})

describe("end-to-end tests", () => {
  test("that fail leave traces, screenshots and the services' logs; one that fails now and then is named", async () => {
    const folder = clinic()
    edit(folder, "e2e/tests/patients.spec.ts", (text) =>
      text
        .replace("No patient has this name and date of birth.", "Somebody has this name.")
        .replace("({ page, request }) => {", "({ page, request }, { retry }) => {\n  expect(retry).toBe(1)"),
    )
    const found = await report(folder)
    expect(found.record).toMatchObject({ verdict: "failed", exitCode: 10 })
    const stage = found.stage("test:e2e")
    expect(stage.summary).toBe("1 of 5 tests failed in chromium")
    expect(stage.tests.filter(({ verdict }) => verdict === "failed")).toMatchObject(
      [
        {
          name: /^nobody is shown/,
          file: "e2e/tests/patients.spec.ts",
          message: expect.stringContaining("Somebody"),
        },
      ].map((one) => ({ ...one, name: expect.stringMatching(one.name) })),
    )
    expect(stage.tests.filter(({ flaky }) => flaky)).toMatchObject([
      { name: "reception finds a patient by name and date of birth", verdict: "passed" },
    ])
    const left = (name: RegExp) => (stage.files ?? []).filter((file) => name.test(file))
    expect(left(/^e2e\/patients-nobody.*\/trace\.zip$/)).not.toEqual([])
    expect(left(/^e2e\/patients-nobody.*\.png$/)).not.toEqual([])
    for (const file of stage.files ?? [])
      expect(fs.existsSync(path.join(found.folder, file)), file).toBe(true)
    expect(fs.readFileSync(path.join(found.folder, "e2e/backend.log"), "utf8")).toContain("Server listening")
  })
})

const DOCKERFILE = `FROM node:22-bookworm-slim
COPY server.mjs /
EXPOSE 3000
CMD ["node", "/server.mjs"]
`

/** An app that gives away what it can. */
const CARELESS = `import { createServer } from "node:http"

const PAGE = '<html><title>Shop</title><body><h1>Shop</h1><img src="/logo.png"><a href="/items?id=1">Items</a></body></html>'

createServer(async (request, response) => {
  const url = new URL(request.url, "http://shop")
  const id = url.searchParams.get("id") ?? ""
  try {
    if (id.includes("'")) throw new Error('syntax error at or near "' + id + '"')
    response.setHeader("set-cookie", "session=1")
    response.setHeader("content-type", "text/html")
    response.end(url.pathname === "/items" ? "<p>" + id + "</p>" : PAGE)
  } catch (error) {
    response.statusCode = 500
    response.end(error.stack)
  }
}).listen(3000)
`

const server = (text: string, settings = "") =>
  app({ Dockerfile: DOCKERFILE, "server.mjs": text, "slipway.yaml": `policy: strict\n${ALONE}${settings}` })

describe("an app that is careless", () => {
  const folder = () => server(CARELESS)

  test("is red for what visitors cannot use, and for what strangers can", async () => {
    const { record, stage } = await report(folder())
    expect(stagesWith(record, ({ verdict }) => verdict === "failed")).toEqual(["test:a11y", "dast"])
    expect(stage("test:a11y").findings).toContainEqual(
      expect.objectContaining({
        rule: "image-alt",
        severity: "critical",
        message: expect.stringContaining("on /: img"),
      }),
    )
    const rules = new Set(stage("dast").findings.map(({ rule }) => rule))
    expect([...rules].sort()).toEqual([
      "can-be-framed",
      "content-type-guessed",
      "cookie-across-sites",
      "cookie-for-scripts",
      "cookie-over-http",
      "database-error",
      "markup-repeated",
      "no-content-security-policy",
      "no-referrer-policy",
      "server-error",
      "stack-trace",
    ])
  })

  test("is not put under load of a kind that there is not", async () => {
    const { code, said } = await call(
      app({ Dockerfile: DOCKERFILE, "slipway.yaml": nothingBut("image", "load") }),
      "test",
      "load",
      "--profile",
      "stres",
    )
    expect(said).toContain("name one of smoke, load, stress, spike")
    expect(code).toBe(20)
  })
})

describe("an app that does not come up", () => {
  test("is red for that, with its last words", async () => {
    const { code, said } = await call(server('console.log("no licence"); process.exit(3)\n'), "dast")
    expect(said.split("\n")[0]).toMatch(/dast failed: small did not come up: ended with exit code 3/)
    expect(said).toContain("│ no licence")
    expect(code).toBe(15)
  })

  test("for a migration is red for that", async () => {
    const folder = server(
      CARELESS,
      "app:\n  services:\n    small:\n      migrate: echo no such table; exit 4\n",
    )
    const { code, said } = await call(folder, "dast")
    expect(said.split("\n")[0]).toMatch(/small did not come up: the migration failed with exit code 4/)
    expect(said).toContain("│ no such table")
    expect(code).toBe(16)
  })
})
