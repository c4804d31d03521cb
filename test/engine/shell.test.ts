import { spawn } from "node:child_process"
import * as path from "node:path"
import { expect, test } from "vitest"
import { inQuotes } from "../../ci/src/run/command.js"
import { app, call, MODULE } from "./support.js"

/** Asks PostgreSQL whether it speaks TLS, which it answers with one letter before anybody logs in. */
const ASK = `import { connect } from "node:net"
const { hostname, port } = new URL(process.env.DATABASE_URL)
const socket = connect(Number(port), hostname)
socket.write(Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]))
const [answer] = await socket.take(1).toArray()
socket.end()
console.log(\`PostgreSQL says <\${answer}>\`)
`

const TEST = `import { writeFileSync } from "node:fs"
import test from "node:test"
test("adds", () => {
  writeFileSync("left.txt", "left by the test\\n")
  throw new Error("does not add")
})
`

const folder = app(
  {
    "ask.mjs": ASK,
    "adds.test.mjs": TEST,
    "slipway.yaml": `services:
  db: { image: "postgres:15-alpine", port: 5432, unit: true, env: { POSTGRES_PASSWORD: a } }
`,
  },
  { test: "node --test" },
)

/** Types lines into \`slipway shell\` on a terminal, each once the terminal shows the text before it. */
function type(stage: string, dialogue: readonly (readonly [shown: string, line: string])[]) {
  const command = [path.join(MODULE, "slipway"), "shell", stage, folder].map(inQuotes).join(" ")
  const child = spawn("script", ["--quiet", "--return", "--command", command, "/dev/null"], {
    env: { ...process.env, _EXPERIMENTAL_DAGGER_RUNNER_HOST: undefined, TERM: "dumb" },
  })
  const [left, screen] = [[...dialogue], { text: "", seen: 0 }]
  child.stdout.on("data", (chunk: Buffer) => {
    screen.text += chunk
    const [next] = left
    const at = next === undefined ? -1 : screen.text.indexOf(next[0], screen.seen)
    if (next === undefined || at === -1) return
    screen.seen = at + next[0].length
    left.shift()
    child.stdin.write(`${next[1]}\n`)
  })
  return new Promise<{ readonly code: number | null; readonly text: string }>((resolve) =>
    child.on("close", (code) => resolve({ code, text: screen.text })),
  )
}

test("the shell of a failed stage has its files and services, and runs it again", async () => {
  const { code, text } = await type("unit", [
    ["Leave: exit", "cat left.txt; node ask.mjs"],
    ["PostgreSQL says <", "/slipway/again >again.txt; grep 'does not' again.txt; exit"],
  ])
  expect(text).toMatch(/test:unit failed: 1 of 1 test failed\r\n +tests +exit code 1 .*npm run/)
  expect(text).toMatch(/left by the test\r?\n.*PostgreSQL says <[NS]>/s)
  expect(text).toMatch(/Error: does not add/)
  expect(code, text).toBe(0)
})

test("a shell of no stage names the nearest one", async () => {
  const { code, said } = await call(folder, "shell", "--stage", "test:unti", "terminal")
  expect(said).toContain("test:unti is not a stage; did you mean test:unit?")
  expect(code).toBe(20)
})
