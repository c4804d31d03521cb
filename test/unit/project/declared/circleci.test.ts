import { describe, expect, test } from "vitest"
import { servicesOfTests } from "../../../../ci/src/project/declared/choose.js"
import { readCircle } from "../../../../ci/src/project/declared/circleci.js"
import { projectOf } from "../../projects.js"

const CONFIGURATION = `
version: 2.1
parameters: { level: { type: string, default: low } }
executors:
  app:
    parameters: { node: { default: "20" } }
    docker:
      - { image: "cimg/node:<< parameters.node >>.1", environment: { IN: image } }
      - { image: "postgres:16", environment: [POSTGRES_USER=me] }
      - { image: "acme/search:2", name: search, command: [serve, --fast] }
commands:
  check:
    parameters: { script: { default: test } }
    steps: [{ run: { command: npm run << parameters.script >>, environment: { LEVEL: "<< pipeline.parameters.level >>" } } }]
jobs:
  test:
    executor: { name: app, node: "22" }
    working_directory: ~/app
    environment: { A: 1 }
    steps: [checkout, { run: npm ci }, check, { check: { script: lint } }, { run: { command: make, working_directory: api } }]
  several:
    parameters: { version: { type: string } }
    docker: [{ image: "node:<< parameters.version >>-alpine" }]
    steps: [{ restore_cache: { key: a } }]
workflows:
  all:
    jobs: [test, { several: { matrix: { parameters: { version: ["18", "24"] } } } }]
`

describe("a configuration of CircleCI", () => {
  const [job, several] = readCircle(CONFIGURATION)

  test("has jobs with steps, in which commands and parameters are resolved", () => {
    expect(job?.steps.map(({ run, folder }) => `${run} ${folder}`)).toEqual([
      "npm ci ",
      "npm run test ",
      "npm run lint ",
      "make api",
    ])
    expect(job?.steps[1]?.env).toEqual({ IN: "image", A: "1", LEVEL: "low" })
  })

  test("has the services of its jobs on localhost, and the versions of their own image", () => {
    expect(job?.services).toMatchObject([
      { host: "postgres", image: "postgres:16", published: { 5432: 5432 }, env: { POSTGRES_USER: "me" } },
      { host: "search", image: "acme/search:2", command: ["serve", "--fast"] },
    ])
    expect([job, several].map((one) => one?.versions.node)).toEqual([["22.1"], ["18", "24"]])
  })

  test("decides services and the version of Node.js", async () => {
    const project = await projectOf({
      "package.json": { name: "app", scripts: { test: "jest" } },
      ".circleci/config.yml": CONFIGURATION,
    })
    const services = servicesOfTests(project, { workspace: project.root, kind: "unit", script: "test" })
    expect(services.map(({ image }) => image)).toEqual(["postgres:16", "acme/search:2"])
    expect(project.node).toBe("22.1")
  })

  test("is nothing where it is broken", () => {
    expect(readCircle("jobs: [")).toEqual([])
    expect(readCircle("jobs: { a: { docker: text, steps: { run: b } } }")).toMatchObject([{ steps: [] }])
  })
})
