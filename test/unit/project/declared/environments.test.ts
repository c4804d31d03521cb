import { describe, expect, test } from "vitest"
import { servicesOfTests } from "../../../../ci/src/project/declared/choose.js"
import { surroundingsOf } from "../../../../ci/src/project/declared/environment.js"
import { environmentsOf } from "../../../../ci/src/project/declared/environments.js"
import type { TestScript } from "../../../../ci/src/project/declared/scripts.js"
import { testOf } from "../../../../ci/src/testing/python-suites.js"
import { type Files, repositoryOf } from "../../projects.js"

const expression = (text: string) => `\${{ ${text} }}`

/** A workflow whose jobs have the steps of an install, and others. */
const workflow = (jobs: Readonly<Record<string, object>>, rest: object = {}) =>
  JSON.stringify({
    on: "push",
    ...rest,
    jobs: Object.fromEntries(
      Object.entries(jobs).map(([name, job]) => [
        name,
        { "runs-on": "ubuntu-latest", steps: [{ run: "npm ci" }, { run: "npm test" }], ...job },
      ]),
    ),
  })

async function found(files: Files, options: { readonly most?: number; readonly script?: string } = {}) {
  const ofNode = { "package.json": { scripts: { test: "jest" } }, "package-lock.json": "{}" }
  const { projects } = await repositoryOf({ ...("requirements.txt" in files ? {} : ofNode), ...files })
  const [project] = projects
  if (project === undefined) throw new Error("there is no project")
  const own: TestScript = { workspace: project.root, kind: "unit", script: options.script ?? "test" }
  const test = project.language === "python" ? testOf(project) : own
  const { others, unchecked } = environmentsOf(project, test, options.most ?? 4)
  return {
    project,
    test,
    others,
    labels: others.map(({ label }) => label),
    unchecked: unchecked.map(({ what, reason }) => `${what}: ${reason}`),
  }
}

const inCi = (jobs: Parameters<typeof workflow>[0], rest?: object) =>
  found({ ".github/workflows/ci.yml": workflow(jobs, rest) })

describe("environments of tests", () => {
  test("are jobs of the same tests with other variables", async () => {
    const { labels, unchecked } = await inCi({
      unit: { env: { TZ: "UTC" } },
      zones: { env: { TZ: "America/Sao_Paulo" } },
    })
    expect(labels).toEqual(["[TZ=America/Sao_Paulo]"])
    expect(unchecked).toEqual([])
  })

  test("are values of a matrix, each once, whatever versions and machines it has", async () => {
    const { labels, unchecked } = await inCi({
      unit: {
        "runs-on": expression("matrix.os"),
        strategy: {
          matrix: {
            os: ["ubuntu-latest", "windows-latest"],
            node: [20, 22],
            mode: ["fast", "slow"],
            tls: [false, true],
          },
        },
        env: {
          MODE: expression("matrix.mode"),
          TLS: expression("matrix.tls && '1' || ''"),
          SYSTEM: expression("matrix.os"),
        },
        steps: [
          { uses: "actions/setup-node@v4", with: { "node-version": expression("matrix.node") } },
          { run: "npm ci" },
          { run: "npm test" },
        ],
      },
    })
    expect(labels).toEqual(["[TLS=1]", "[MODE=slow]"])
    expect(unchecked).toEqual([
      "the script test on windows-latest, as in the job unit of .github/workflows/ci.yml: stages run on Linux",
    ])
  })

  test("are no variables of reports, uploads, caches, colours, shards and the memory of Node.js", async () => {
    const { labels, unchecked } = await inCi({
      unit: {},
      again: {
        env: {
          CI: true,
          FORCE_COLOR: 1,
          CODECOV_TOKEN: expression("secrets.CODECOV"),
          JEST_JUNIT_OUTPUT_NAME: "again.xml",
          SHARD_INDEX: 2,
          YARN_CACHE_FOLDER: "/tmp/yarn",
          NODE_OPTIONS: "--max-old-space-size=8192",
          NODE_ENV: "test",
        },
      },
    })
    expect([labels, unchecked]).toEqual([[], []])
  })

  test.each<[string, object, object?]>([
    ["publishes", { name: "publish", steps: [{ run: "npm test && npm publish" }] }],
    ["lints", { name: "style", steps: [{ run: "npm run lint" }] }],
    ["may fail", { name: "next", "continue-on-error": true }],
    ["runs on a schedule", { name: "nightly", if: "github.event_name == 'schedule'" }],
    ["tests another package", { name: "api", steps: [{ run: "npm test -w api" }] }],
    ["counts no failure", { name: "soft", steps: [{ run: "npm test || true" }] }],
  ])("are not of a job that %s", async (_, { name, ...job }: { name?: string }) => {
    const { labels, unchecked } = await inCi({ unit: {}, [name ?? ""]: { env: { FLAG: "on" }, ...job } })
    expect([labels, unchecked]).toEqual([[], []])
  })

  test("are named where they do not run here, with the reason", async () => {
    const { labels, unchecked } = await inCi({
      unit: {},
      remote: { env: { API_TOKEN: expression("secrets.API") } },
      native: {
        env: { DRIVER: "native" },
        steps: [{ run: "npm ci" }, { run: "npm i pg-native" }, { run: "npm test" }],
      },
      part: { env: { TZ: "Asia/Tokyo" }, steps: [{ run: "npm test -- test/zones.test.js" }] },
    })
    expect(labels).toEqual([])
    expect(unchecked).toEqual([
      "the script test with API_TOKEN, as in the job remote of .github/workflows/ci.yml: only the CI vendor knows the value of API_TOKEN",
      "the script test with DRIVER=native, as in the job native of .github/workflows/ci.yml: its job installs other packages: `npm i pg-native`",
      "the script test with TZ=Asia/Tokyo, as in the job part of .github/workflows/ci.yml: its command runs a part of the tests: `test/zones.test.js`",
    ])
  })

  test("are named where their database is not here", async () => {
    const matrix = { db: ["sqlite", "postgres", "mssql"] }
    const { labels, unchecked } = await found({
      "package.json": { scripts: { test: "jest" }, dependencies: { pg: "8" } },
      "compose.yaml": "services: { postgres: { image: postgres:16 } }",
      ".github/workflows/ci.yml": workflow({
        unit: {
          strategy: { matrix },
          env: { DB: expression("matrix.db") },
          steps: [{ run: "docker compose up -d" }, { run: "npm ci" }, { run: "npm test" }],
        },
      }),
    })
    expect(labels).toEqual(["[DB=postgres]"])
    expect(unchecked).toEqual([expect.stringMatching(/^the script test with DB=mssql,.*: mssql is not here/)])
  })

  test("are no more than slipway.yaml says", async () => {
    const jobs = {
      unit: { strategy: { matrix: { tz: ["UTC", "A/B", "C/D"] } }, env: { TZ: expression("matrix.tz") } },
    }
    const { labels, unchecked } = await found({ ".github/workflows/ci.yml": workflow(jobs) }, { most: 2 })
    expect(labels).toEqual(["[TZ=A/B]"])
    expect(unchecked).toEqual([expect.stringMatching(/^the script test with TZ=C\/D,.*`tests.environments`/)])
  })

  test("are set by steps, by shells and by scripts that CI calls", async () => {
    const steps = [
      { run: "npm ci" },
      { run: "npm test" },
      { run: "npm test", env: { FLAG: "on" } },
      { run: "TZ=Asia/Tokyo npm test" },
      { run: "npm run test:old" },
    ]
    const { labels } = await found({
      "package.json": { scripts: { test: "jest", "test:old": "cross-env PARSER=old npm test" } },
      ".github/workflows/ci.yml": workflow({ unit: { steps } }),
    })
    expect(labels).toEqual(["[FLAG=on]", "[TZ=Asia/Tokyo]", "[PARSER=old]"])
  })

  test("show no password, and no address", async () => {
    const { labels } = await inCi({
      unit: { env: { DB_PASSWORD: "one", URL: "https://a:b@one.example/c" } },
      other: { env: { DB_PASSWORD: "two", URL: "https://a:b@two.example/c" } },
    })
    expect(labels).toEqual(["[other]"])
  })

  test("have the services and variables of their entry of a matrix", async () => {
    const { project, test, others } = await found({
      "manage.py": `os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")`,
      "requirements.txt": "django\npsycopg2\nmysqlclient",
      "shop/test_orders.py": "",
      ".github/workflows/ci.yml": workflow({
        test: {
          strategy: {
            matrix: { db: ["sqlite", "postgres"], include: [{ db: "postgres", user: "runner" }] },
          },
          steps: [
            { run: "sudo systemctl start postgresql.service", if: "matrix.db == 'postgres'" },
            {
              run: "python manage.py test",
              env: { DB: expression("matrix.db"), DB_USER: expression("matrix.user") },
            },
          ],
        },
      }),
    })
    expect(others.map(({ label }) => label)).toEqual(["[DB=postgres]"])
    const runs = others[0]?.runs
    const services = servicesOfTests(project, { ...test, ...(runs ? { runs } : {}) })
    expect(servicesOfTests(project, test)).toEqual([])
    expect(services[0]).toMatchObject({ host: "postgres", source: ".github/workflows/ci.yml" })
    expect(surroundingsOf(project, { ...test, ...(runs ? { runs } : {}) }, services).env).toEqual({
      DB: "postgres",
      DB_USER: "runner",
    })
  })

  test("are settings of Django, by a variable or an option", async () => {
    const steps = (run: string, env = {}) => ({ steps: [{ run, env }] })
    const { labels } = await found({
      "manage.py": `os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")`,
      "requirements.txt": "django",
      "shop/test_orders.py": "",
      ".github/workflows/ci.yml": workflow({
        test: steps("python manage.py test"),
        option: steps("python manage.py test --settings=shop.old"),
        variable: steps("pytest", { DJANGO_SETTINGS_MODULE: "shop.new" }),
        warnings: steps("python -W error manage.py test", { PYTHONWARNINGS: "error" }),
      }),
    })
    expect(labels).toEqual([
      "[DJANGO_SETTINGS_MODULE=shop.old]",
      "[DJANGO_SETTINGS_MODULE=shop.new]",
      "[PYTHONWARNINGS=error]",
    ])
  })

  test("are read from GitLab and CircleCI", async () => {
    const gitlab = await found({
      ".gitlab-ci.yml": `
unit:
  image: node:22
  parallel: { matrix: [{ TZ: [UTC, Asia/Tokyo] }] }
  script: [npm ci, npm test]
`,
    })
    const circle = await found({
      ".circleci/config.yml": `
jobs:
  unit:
    parameters: { zone: { type: string } }
    docker: [{ image: cimg/node:22.0 }]
    environment: { TZ: << parameters.zone >> }
    steps: [checkout, run: npm ci, run: npm test]
workflows:
  all: { jobs: [{ unit: { matrix: { parameters: { zone: [UTC, Asia/Tokyo] } } } }] }
`,
    })
    expect([gitlab.labels, circle.labels]).toEqual([["[TZ=Asia/Tokyo]"], ["[TZ=Asia/Tokyo]"]])
  })
})
