import { describe, expect, test } from "vitest"
import { servicesOfTests } from "../../../../ci/src/project/declared/choose.js"
import { surroundingsOf } from "../../../../ci/src/project/declared/environment.js"
import { hostNames } from "../../../../ci/src/project/declared/gitlab.js"
import { type Files, projectOf, repositoryOf } from "../../projects.js"

const GITLAB = `
include:
  - local: /ci/*.yml
  - template: Security/SAST.gitlab-ci.yml
default:
  image: \${CI_DEPENDENCY_PROXY_GROUP_IMAGE_PREFIX}/node:20.11-alpine
  before_script: [npm ci]
variables:
  POSTGRES_DB: orders
  POSTGRES_PASSWORD: { value: secret, description: of the database }
  DATABASE_URL: postgresql://postgres:$POSTGRES_PASSWORD@db:5432/$POSTGRES_DB
  TOKEN: $SECRET_OF_THE_GROUP
.setup:
  script:
    - export LEVEL=debug
test:
  extends: .with-database
  variables: { POSTGRES_DB: letters }
  script:
    - !reference [.setup, script]
    - cd api && npm test
lint:
  services: []
  script: npm run lint
`

const INCLUDED = `
.with-database:
  services:
    - name: postgres:16
      alias: db,sql
      command: ["-c", "max_connections=50"]
    - registry.example.com:5000/team/cache:7
    - docker:24-dind
`

const app = (files: Files = {}) =>
  projectOf({
    "package.json": { name: "app", workspaces: ["api", "web"] },
    "api/package.json": { name: "api", scripts: { test: "node --test" }, dependencies: { pg: "8" } },
    "web/package.json": { name: "web", scripts: { test: "node --test" } },
    ".gitlab-ci.yml": GITLAB,
    "ci/database.yml": INCLUDED,
    ...files,
  })

const unit = (project: Awaited<ReturnType<typeof app>>, path: string) => {
  const workspace = project.workspaces.find((one) => one.path === path) ?? project.root
  return { workspace, kind: "unit", script: "test" } as const
}

describe("a configuration of GitLab CI", () => {
  test("decides services by their host names, version and command, with the file that says so", async () => {
    const project = await app()
    expect(servicesOfTests(project, unit(project, "api"))).toMatchObject([
      {
        host: "db",
        aliases: ["sql", "postgres"],
        image: "postgres:16",
        command: ["-c", "max_connections=50"],
        published: { 5432: 5432 },
        env: { POSTGRES_DB: "letters", POSTGRES_PASSWORD: "secret" },
        source: "ci/database.yml:4",
      },
      { host: "registry.example.com__team__cache", aliases: ["registry.example.com-team-cache"] },
    ])
  })

  test("gives the variables that its values are made of, and leaves out what only GitLab knows", async () => {
    const project = await app()
    const test = unit(project, "api")
    expect(surroundingsOf(project, test, servicesOfTests(project, test)).env).toEqual({
      POSTGRES_DB: "letters",
      POSTGRES_PASSWORD: "secret",
      DATABASE_URL: "postgresql://postgres:secret@db:5432/letters",
      LEVEL: "debug",
    })
  })

  test("says nothing of a package in another folder than the one that its job tests", async () => {
    const project = await app()
    expect(servicesOfTests(project, unit(project, "web"))).toEqual([])
  })

  test("names the version of Node.js that its jobs run on", async () => {
    expect(await app()).toMatchObject({ node: "20.11", nodeBy: ".gitlab-ci.yml" })
    const exact = await app({ ".nvmrc": "22" })
    expect(exact).toMatchObject({
      node: "22",
      nodeBy: ".nvmrc",
      nodeDisagreements: [".gitlab-ci.yml wants 20.11"],
    })
  })

  test("runs on the preferred version of a matrix that package.json allows", async () => {
    const matrix = `
test:
  parallel: { matrix: [{ NODE: ["18", "20", "22"] }] }
  image: node:$NODE
  script: [npm test]
`
    const manifest = { name: "app", engines: { node: "<21" }, scripts: { test: "node --test" } }
    const project = await projectOf({ "package.json": manifest, ".gitlab-ci.yml": matrix })
    expect(project).toMatchObject({
      node: "20",
      nodeBy: ".gitlab-ci.yml",
      nodeDisagreements: [],
    })
  })

  test("decides the services and variables of pytest, and its Python", async () => {
    const { projects } = await repositoryOf({
      "pyproject.toml": '[project]\nname = "app"\nrequires-python = ">=3.10"\ndependencies = ["psycopg"]',
      ".gitlab-ci.yml": `
image: python:3.13-slim
services: [postgres:16]
variables: { POSTGRES_HOST_AUTH_METHOD: trust, SETTINGS: ci }
test: { script: [pip install ., pytest] }
`,
    })
    const [project] = projects
    if (project === undefined) throw new Error("no project was found")
    const test = { workspace: project.root, kind: "integration", script: "pytest" } as const
    const services = servicesOfTests(project, test)
    expect(services).toMatchObject([{ host: "postgres", image: "postgres:16", source: ".gitlab-ci.yml:3" }])
    expect(surroundingsOf(project, test, services).env).toMatchObject({ SETTINGS: "ci" })
    expect(project.python).toMatchObject({ version: "3.13", versionFrom: ".gitlab-ci.yml" })
  })

  test("inherits nothing that a job refuses", async () => {
    const text = `
default: { services: [postgres:16] }
variables: { A: "1", B: "2" }
test: { inherit: { default: false, variables: [A] }, script: [npm test] }
`
    const { declared } = await projectOf({ "package.json": { name: "app" }, ".gitlab-ci.yml": text })
    expect(declared.jobs).toMatchObject([{ name: "test", services: [], steps: [{ env: { A: "1" } }] }])
    expect(declared.jobs[0]?.steps[0]?.env).not.toHaveProperty("B")
  })

  test.each([
    "npx vitest run --coverage",
    "pnpm exec vitest",
    "npx turbo run lint test",
    "nx affected -t lint,test",
  ])("decides the services of the tests that it starts by `%s`", async (line) => {
    const project = await projectOf({
      "package.json": { name: "app", scripts: { test: "vitest run" }, dependencies: { pg: "8" } },
      ".gitlab-ci.yml": `test: { services: ["postgres:16"], script: ["${line}"] }`,
    })
    const script = { workspace: project.root, kind: "unit", script: "test" } as const
    expect(servicesOfTests(project, script)).toMatchObject([
      { image: "postgres:16", source: ".gitlab-ci.yml:1" },
    ])
  })

  test("that is no valid YAML is named", async () => {
    const { declared } = await projectOf({ "package.json": { name: "app" }, ".gitlab-ci.yml": "test: [" })
    expect(declared.unreadable).toEqual([".gitlab-ci.yml"])
  })
})

test.each([
  ["tutum/wordpress:latest", ["tutum__wordpress", "tutum-wordpress"]],
  [
    "registry.gitlab.com:443/org/mysql@sha256:0a",
    ["registry.gitlab.com__org__mysql", "registry.gitlab.com-org-mysql"],
  ],
  ["redis", ["redis", "redis"]],
])("the service %s has its host names by GitLab's rules", (image, names) => {
  expect(hostNames(image)).toEqual(names)
})
