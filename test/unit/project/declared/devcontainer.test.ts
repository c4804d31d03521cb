import { describe, expect, test } from "vitest"
import { servicesOfTests } from "../../../../ci/src/project/declared/choose.js"
import { ofProject, surroundingsOf } from "../../../../ci/src/project/declared/environment.js"
import { type Files, projectOf } from "../../projects.js"

const CONTAINER = `{
  // People work in it.
  "dockerComposeFile": ["../docker-compose.dev.yml", "compose.extra.yml"],
  "service": "app",
  "runServices": ["db", "cache"],
  "forwardPorts": [3000, "cache:6379"],
  "features": { "ghcr.io/devcontainers/features/node:1": { "version": "20" }, },
  "containerEnv": { "LEVEL": "debug", "HOME_OF": "\${localEnv:HOME}", "REGION": "\${localEnv:REGION:eu}" },
}`

const COMPOSE = `
services:
  app:
    build: .
    network_mode: service:db
    environment: { DATABASE_URL: "postgres://app:app@localhost/app", SEARCH_URL: "http://search:9200" }
  db: { image: "postgres:17", environment: { POSTGRES_USER: app, POSTGRES_PASSWORD: app } }
  search: { image: "opensearchproject/opensearch:2" }
`

const app = (files: Files = {}) =>
  projectOf({
    "package.json": { name: "app", scripts: { test: "node --test" }, dependencies: { pg: "8", redis: "4" } },
    ".devcontainer/devcontainer.json": CONTAINER,
    "docker-compose.dev.yml": COMPOSE,
    ".devcontainer/compose.extra.yml": "services: { cache: { image: 'redis:6' } }",
    ...files,
  })

describe("a development container", () => {
  test("decides services, their localhost ports and the variables of the suites", async () => {
    const project = await app()
    const suite = { workspace: project.root, kind: "unit", script: "test" } as const
    const services = servicesOfTests(project, suite)
    expect(services).toMatchObject([
      { host: "db", image: "postgres:17", published: { 5432: 5432 }, source: "docker-compose.dev.yml:7" },
      {
        host: "cache",
        image: "redis:6",
        published: { 6379: 6379 },
        source: ".devcontainer/compose.extra.yml:1",
      },
    ])
    expect(surroundingsOf(project, suite, services)).toMatchObject({
      env: { DATABASE_URL: "postgres://app:app@localhost/app", LEVEL: "debug", REGION: "eu" },
      because: ["variables from .devcontainer/devcontainer.json"],
    })
  })

  test("names the version of Node.js, which the team's CI outranks", async () => {
    expect(await app()).toMatchObject({ node: "20", nodeBy: ".devcontainer/devcontainer.json" })
    const ci = await app({ ".gitlab-ci.yml": "test: { image: 'node:22', script: [npm test] }" })
    expect(ci).toMatchObject({ node: "22", nodeBy: ".gitlab-ci.yml" })
  })

  test("gives no variables to tests that the team's CI runs", async () => {
    const project = await app({
      ".gitlab-ci.yml": "test: { services: ['postgres:16'], script: [npm test] }",
    })
    const suite = { workspace: project.root, kind: "unit", script: "test" } as const
    const services = servicesOfTests(project, suite)
    expect(services[0]).toMatchObject({ host: "postgres", image: "postgres:16" })
    expect(surroundingsOf(project, suite, services).env).toEqual({})
  })

  test.each([
    ["mcr.microsoft.com/devcontainers/typescript-node:1-22-bookworm", "22"],
    ["mcr.microsoft.com/devcontainers/javascript-node:20", "20"],
    ["mcr.microsoft.com/devcontainers/base:bookworm", "22"],
  ])("of the image %s runs on Node.js %s", async (image, node) => {
    const project = await projectOf({ "package.json": { name: "app" }, ".devcontainer.json": { image } })
    expect(project.node).toBe(node)
  })
})

test("variables of the machine and of package managers are no project's", () => {
  const env = {
    APP: "1",
    UV_THREADPOOL_SIZE: "8",
    UV_PYTHON: "3.14",
    npm_config_loglevel: "warn",
    CI: "true",
  }
  expect(ofProject(env)).toEqual({ APP: "1", UV_THREADPOOL_SIZE: "8" })
})
