import { expect, test } from "vitest"
import { K6 } from "../../ci/src/app/load/load.js"
import { app, built, call, medflowWith, nothingBut, report } from "../engine/support.js"

built(K6)

const ALONE = nothingBut("image", "load")

test("the example app answers in time under load", async () => {
  const folder = medflowWith(`${ALONE}load: { paths: [/, /api/health] }\n`)
  const { record, stage } = await report(folder)
  expect(record, record.stages.map(({ name, summary }) => `${name}: ${summary}`).join("\n")).toMatchObject({
    verdict: "passed",
  })
  expect(stage("test:load:smoke").summary).toMatch(/^\d{2,} requests, /)
})

const SLOW = `import { createServer } from "node:http"

createServer((request, response) => setTimeout(() => response.end("late"), 50)).listen(3000)
`

test("slow answers are red, with what was measured", async () => {
  const folder = app({
    Dockerfile: 'FROM node:22-bookworm-slim\nCOPY server.mjs /\nEXPOSE 3000\nCMD ["node", "/server.mjs"]\n',
    "server.mjs": SLOW,
    "slipway.yaml": `${ALONE}load:\n  paths: [/slow]\n  p95: 20\n`,
  })
  const { code, said } = await call(folder, "test", "load")
  expect(said.split("\n")[0]).toMatch(/test:load:smoke failed: p95 is [\d.]+ ms, and may be 20 ms/)
  expect(code).toBe(24)
})
