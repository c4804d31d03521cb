import { expect, test } from "vitest"
import { COMPOSE, DOCKER } from "../../ci/src/project/docker-daemon.js"
import { app, built, edit, nothingBut, report } from "../engine/support.js"

built(DOCKER, COMPOSE)

const SETTINGS = `tests: { docker: true, retries: 0 }\n${nothingBut("unit")}`

const TESTS = `import assert from "node:assert"
import { execFileSync } from "node:child_process"
import test from "node:test"

const page = async (url) => (await fetch(url)).text()

test("a service of the compose file answers on localhost", async () => {
  assert.equal(await page("http://localhost:8081/"), "hello\\n")
})

test("a container answers on the daemon's host, with a file of the project", async () => {
  const run = ["run", "--detach", "--publish=8082:80", "--volume=/app/page:/usr/share/nginx/html:ro", "nginx:alpine"]
  execFileSync("docker", run)
  assert.equal(process.env.TESTCONTAINERS_HOST_OVERRIDE, "docker")
  const answer = () => page("http://docker:8082/").catch(() => null)
  let text = null
  for (let look = 0; look < 100 && text === null; look++) {
    await new Promise((resolve) => setTimeout(resolve, 100))
    text = await answer()
  }
  assert.equal(text, "hello\\n")
})
`

const COMPOSE_FILE = `services:
  web:
    image: nginx:alpine
    ports: ["8081:80"]
    volumes: ["./page:/usr/share/nginx/html:ro"]
    healthcheck: { test: ["CMD-SHELL", "test -e /usr/share/nginx/html/index.html"], interval: 1s }
`

const folder = app(
  {
    "slipway.yaml": SETTINGS,
    "compose.yaml": COMPOSE_FILE,
    "page/index.html": "hello\n",
    "web.test.mjs": TESTS,
  },
  { pretest: "docker compose up --detach --wait", test: "node --test" },
)

test("tests start containers with Docker and Docker Compose, and run again in each check", async () => {
  const first = await report(folder)
  expect(first.stage("test:unit"), first.stage("test:unit").log.text).toMatchObject({
    verdict: "passed",
    summary: "2 tests",
  })
  expect(first.record.images.map(({ name }) => name)).toContain(`${DOCKER.name}:${DOCKER.tag}`)
  expect((await report(folder)).stage("test:unit").cached).toBe(false)
})

test("a test that fails is red, and one whose image cannot be pulled is errored, with its name", async () => {
  edit(folder, "page/index.html", () => "bye\n")
  const red = await report(folder)
  expect(red.stage("test:unit")).toMatchObject({ verdict: "failed", summary: "2 of 2 tests failed" })

  edit(folder, "web.test.mjs", (text) => text.replace("nginx:alpine", "acme/missing:7"))
  expect((await report(folder)).stage("test:unit")).toMatchObject({
    verdict: "errored",
    summary: "cannot pull `acme/missing:7`, of which the tests start a container: not found",
  })
})
