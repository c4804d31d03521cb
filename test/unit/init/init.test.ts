import { describe, expect, test } from "vitest"
import { initText } from "../../../ci/src/init/init.js"
import { nodeTag } from "../../../ci/src/project/node-version.js"
import { detectRepository } from "../../../ci/src/project/repository.js"
import { graph } from "../../../ci/src/run/pipeline.js"
import { GATES, parseConfig, reader } from "../../../ci/src/settings.js"
import { KINDS } from "../../../ci/src/stages.js"
import { type Files, treeOf } from "../projects.js"

const expression = (text: string) => `\${{ ${text} }}`

async function planOf(files: Files, config = reader.defaultConfig()) {
  const repository = await detectRepository(treeOf(files), config)
  return { repository, project: repository.whole, ...graph(repository, KINDS) }
}

const init = (files: Files, strict = false) =>
  initText({
    tree: treeOf(files),
    strict,
    reader,
    gates: GATES,
    plan: (config) => planOf(files, config),
  })

const APP: Files = {
  "package.json": {
    name: "app",
    scripts: {
      lint: "eslint .",
      "test:unit": "vitest run",
      "test:integration": "vitest run",
      "check:words": "node words.mjs",
    },
    dependencies: { pg: "8" },
    devDependencies: { vitest: "3", eslint: "9" },
  },
  "package-lock.json": { lockfileVersion: 3 },
  "test/a.test.ts": "",
  "src/a.ts": "",
  "compose.yaml": `
services:
  db: { image: "postgres:17", environment: { POSTGRES_PASSWORD: app }, ports: ["5432:5432"] }
`,
}

const WORKFLOW = `
jobs:
  check:
    strategy: { matrix: { node: [20, 22] } }
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-node@v4
        with: { node-version: "${expression("matrix.node")}" }
      - run: npm ci && npm run lint && npm run test:unit -- --coverage.thresholds.lines=85
      - { name: Audit, run: npm audit --audit-level moderate }
      - uses: dependency-check/Dependency-Check_Action@main
        with: { args: --failOnCVSS 7 }
      - { name: Words, run: npm run check:words }
      - name: No keys
        run: if grep -r BEGIN src; then exit 1; fi
      - { name: Unused, run: npx depcheck }
      - { name: Hint, run: "grep -r TODO src", continue-on-error: true }
      - { name: Bash, run: "[[ -z \\"$(grep -r BEGIN src)\\" ]]" }
      - { name: Tell, uses: 8398a7/action-slack@v3 }
      - { name: Odd, run: npm run no-such }
  deploy:
    environment: production
    steps: [{ name: Roll, run: "aws ecs update-service && curl -f https://example.org" }]
`

describe("init", () => {
  test("writes what detection found and where it is from, and no default", async () => {
    const text = await init({ ...APP, ".nvmrc": "20.11" })
    expect(text).toContain('node: "20.11" # .nvmrc')
    expect(text).toContain("services:\n  # compose.yaml:3\n  db:\n    image: postgres:17\n    port: 5432\n")
    expect(Object.keys(parseConfig(text).services)).toEqual(["db"])
    expect(parseConfig(text).written.map((key) => key.split(".")[0])).not.toContain("coverage")
  })

  test("writes a Docker daemon for tests that start containers, and no services beside it", async () => {
    const manifest = {
      name: "app",
      scripts: { test: "vitest run" },
      dependencies: { pg: "8" },
      devDependencies: { "@testcontainers/postgresql": "11" },
    }
    const text = await init({ ...APP, "package.json": manifest })
    expect(text).toContain("tests:\n  docker: true # @testcontainers/postgresql starts containers")
    expect(text).not.toContain("services:")
  })

  test("leaves the plan as it was, but for the file that a service is from", async () => {
    const files = { ...APP, ".nvmrc": "20.11" }
    const lines = async (config = reader.defaultConfig()) =>
      (await planOf(files, config)).stages.map(
        ({ name, because }) => `${name} ${because.replace(/, from [^,]+/, "")}`,
      )
    expect(await lines(parseConfig(await init(files)))).toEqual(await lines())
  })

  test("writes nothing of a service that slipway.yaml cannot describe, and says why", async () => {
    const compose = `
services:
  db: { image: "postgres:17", volumes: ["./init.sql:/docker-entrypoint-initdb.d/init.sql"] }
`
    const text = await init({ ...APP, "compose.yaml": compose, "init.sql": "" })
    expect(parseConfig(text).services).toEqual({})
    expect(text).toContain("#   PostgreSQL 17, from compose.yaml:3: it mounts files")
  })

  test("takes the gates and thresholds of a workflow over", async () => {
    const config = parseConfig(await init({ ...APP, ".github/workflows/ci.yml": WORKFLOW }))
    expect(config.node).toEqual(["22", "20"])
    expect(config.security.scanners.dependencies).toEqual(["trivy", "npm-audit", "dependency-check"])
    expect(config.security.policy.severity).toBe("medium")
    expect(config.coverage.lines).toBe(85)
    expect(config.custom).toMatchObject({
      words: { image: `node:${nodeTag("22")}`, commands: ["npm ci", "set -e\nnpm run check:words\n"] },
      "no-keys": { commands: ["set -e\nif grep -r BEGIN src; then exit 1; fi\n"] },
    })
    expect(Object.keys(config.custom)).toEqual(["words", "no-keys"])
  })

  test("names each step that it does not take over, with the reason", async () => {
    const text = await init({ ...APP, ".github/workflows/ci.yml": WORKFLOW })
    const [, left = ""] = text.split("# Not taken over:\n")
    const lines = left.trim().split("\n")
    expect(lines.map((line) => /"(\w+)"/.exec(line)?.[1])).toEqual(["Hint", "Bash", "Tell", "Odd", "Roll"])
    expect(lines[0]).toMatch(/ci\.yml:17, job check, "Hint": its failure does not fail the job$/)
    expect(lines[3]).toMatch(/no package\.json has a script no-such$/)
    expect(lines[4]).toMatch(/a deployment\./)
    expect(text).toMatch(/makes it block:\n# {3}deadcode\n/)
  })

  test.each([
    ["A=1 B=2 npm run lint", "", ""],
    ["npx cross-env A=1 B=2 npm run lint", "", ""],
    ["time npm run lint", "", ""],
    ["npm run ci", "it", ""],
    ["npx next lint && npx next telemetry disable", "", ""],
    ["npx next build", "", "the stage build is left out"],
    ["curl -f https://example.org", "", "needs the network or git (`curl`)"],
  ])("takes `%s` over as it is meant", async (run, custom, left) => {
    const manifest = { name: "app", scripts: { lint: "eslint .", ci: "node check.mjs" } }
    const workflow = `jobs: { check: { steps: [{ name: It, run: "${run}" }] } }`
    const text = await init({ "package.json": manifest, ".github/workflows/ci.yml": workflow })
    expect(Object.keys(parseConfig(text).custom).join()).toBe(custom)
    expect(text).toContain(left)
    expect(text.includes("# Not taken over")).toBe(left !== "")
  })

  test.each([
    ["ruff format --check .", "format"],
    ["ruff --quiet format --check .", "format"],
    ["biome format .", "format"],
    ["npx @biomejs/biome format", "format"],
    ["black --check .", "format"],
    ["uv run --group dev ruff format --check", "format"],
    ["poetry run black --check .", "format"],
    ["python -m black --check .", "format"],
    ["uvx ruff@0.6.9 check .", "lint"],
    ["ruff check .", "lint"],
    ["biome lint .", "lint"],
    ["pdm run mypy src", "types"],
    ["pipx run pyright", "types"],
    ["coverage run manage.py test", "unit"],
    ["timeout 60 python -m coverage run -m unittest", "unit"],
  ])("takes `%s` for %s", async (run, kind) => {
    const workflow = `jobs: { check: { steps: [{ name: It, run: "${run}" }] } }`
    const text = await init({ "package.json": { name: "app" }, ".github/workflows/ci.yml": workflow })
    expect(text).toContain(`the stage ${kind} is left out`)
  })

  describe("of Terraform", () => {
    const workflow = (version: string) =>
      `env: { TF: 1.9.8 }\njobs: { tf: { steps: [{ name: Set up, uses: hashicorp/setup-terraform@v3, with: { terraform_version: "${version}" } }] } }`
    const infra = (version: string, main = 'resource "null_resource" "a" {}\n', more: Files = {}) =>
      init({ "infra/main.tf": main, ".github/workflows/ci.yml": workflow(version), ...more })
    const requires = (version: string) => `terraform {\n  required_version = "${version}"\n}\n`

    test.each([
      ["as it is written", "1.9.8", undefined, "1.9.8"],
      ["from a variable", expression("env.TF"), undefined, "1.9.8"],
      ["that the configuration allows", "1.9.8", requires(">= 1.5, < 2.0"), "1.9.8"],
      ["that the configuration refuses, is none", "1.9.8", requires("~> 1.10.0"), null],
    ])("takes a version over %s", async (_what, version, main, expected) => {
      expect(parseConfig(await infra(version, main)).terraform.version).toBe(expected)
    })

    test("writes no version that a file names already, and one that differs", async () => {
      const named = (version: string) => infra("1.9.8", undefined, { ".terraform-version": `${version}\n` })
      expect(parseConfig(await named("1.9.8")).terraform.version).toBeNull()
      expect(parseConfig(await named("1.8.0")).terraform.version).toBe("1.9.8")
    })

    test("tells a version that is no exact one", async () => {
      expect(await infra("~1.9")).toContain('"Set up": the version ~1.9, of which no exact one is known')
    })
  })

  test("keeps both of two steps with the same name, and one of two that do the same", async () => {
    const steps = ["grep a src", "grep b src", "grep a src"].map((run) => `{ name: Words, run: ${run} }`)
    const workflow = `jobs: { check: { steps: [${steps.join()}] } }`
    const { custom } = parseConfig(await init({ ...APP, ".github/workflows/ci.yml": workflow }))
    expect(custom).toMatchObject({
      words: { commands: ["set -e\ngrep a src\n"] },
      "words-2": { commands: ["set -e\ngrep b src\n"] },
    })
    expect(Object.keys(custom)).toHaveLength(2)
  })

  test("makes every gate block where it is told to", async () => {
    const text = await init({ ...APP, ".github/workflows/ci.yml": WORKFLOW }, true)
    const { policy, limits } = parseConfig(text)
    expect(policy).toBe("strict")
    expect(limits).toMatchObject({
      build: { fail: 600 },
      tests: { fail: 1200 },
      deploy: { fail: 900 },
      all: { fail: 2700 },
    })
    expect(text).not.toContain("makes it block")
  })

  test("reads GitLab's jobs, and the environments of their matrix", async () => {
    const gitlab = `
include: [{ template: Jobs/SAST.gitlab-ci.yml }]
check:
  script: [npm ci, npm run lint, pytest --cov-fail-under=90]
build:
  parallel: { matrix: [{ STAGE: [staging, production] }] }
  script: "npm run build:$STAGE"
release: { script: npm publish }
`
    const manifest = { name: "app", scripts: { lint: "eslint .", build: "tsc", "build:staging": "tsc" } }
    const text = await init({ "package.json": manifest, "src/a.ts": "", ".gitlab-ci.yml": gitlab })
    expect(parseConfig(text).build.environments).toEqual(["staging", "production"])
    expect(text).toContain("#   .gitlab-ci.yml, job release: a release of packages")
    expect(text).toContain("include Jobs/SAST.gitlab-ci.yml: it is not in this repository")
  })

  test("says that a project of which all is detected needs no key", async () => {
    const text = await init({ "package.json": { name: "app", scripts: { lint: "eslint ." } } })
    expect(parseConfig(text)).toEqual(reader.defaultConfig())
  })
})
