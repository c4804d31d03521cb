import { describe, expect, test } from "vitest"
import { servicesOfTests } from "../../../../ci/src/project/declared/choose.js"
import { startedBy, withInside } from "../../../../ci/src/project/declared/started.js"
import { readWorkflow } from "../../../../ci/src/project/declared/workflows.js"
import { testOf } from "../../../../ci/src/testing/python-suites.js"
import { projectOf, repositoryOf } from "../../projects.js"

const FILES = ["test/conf/my.cnf", "init.sql"]
const started = (run: string, env = {}) =>
  startedBy([{ run, env, folder: "" }], { source: "ci.yml", files: FILES })

describe("a command line that starts a service", () => {
  test("names it, its image, ports, variables, command and the files that it reads", () => {
    const run = [
      "sudo docker run -d --name=db -p3307:3306 --env MYSQL_DATABASE=$NAME -e PASSWORD",
      "-v $PWD/test/conf:/etc/mysql/conf.d -v ./init.sql:/init.sql:ro -v $PWD/data:/var/lib/mysql",
      "--health-cmd 'mysqladmin ping' mysql:8.3 --log-bin=off && sleep 9",
    ].join(" \\\n")
    expect(started(run, { NAME: "app", PASSWORD: "secret" })).toMatchObject([
      {
        host: "db",
        image: "mysql:8.3",
        ports: [3306],
        published: { 3307: 3306 },
        env: { MYSQL_DATABASE: "app", PASSWORD: "secret" },
        command: ["--log-bin=off"],
        ready: { command: "mysqladmin ping" },
        mounts: { "/etc/mysql/conf.d": "test/conf/", "/init.sql": "init.sql" },
        source: "ci.yml",
      },
    ])
  })

  test.each([
    ["docker run --rm -it --network host -e A=1 redis", "redis redis 6379"],
    [
      "podman container run --detach --publish 9200:9200 elasticsearch:8",
      "elasticsearch elasticsearch:8 9200",
    ],
    ["sudo systemctl start mysql.service", "mysql mysql:8.4 3306"],
    ["sudo service postgresql start", "postgres postgres:15-alpine 5432"],
    ["sudo /etc/init.d/redis-server restart", "redis redis:7-alpine 6379"],
  ])("%s", (run, expected) => {
    const found = started(run).map(
      ({ host, image, published }) => `${host} ${image} ${Object.keys(published).join()}`,
    )
    expect(found).toEqual([expected])
  })

  test.each([
    "docker run --rm -v $PWD:/app node:22 npm test",
    "docker run -d acme/worker",
    "docker run -d -p 5432:5432 postgres:$VERSION",
    "docker build -t postgres .",
    "systemctl status mysql",
    "systemctl start nginx",
  ])("is not %s", (run) => {
    expect(started(run)).toEqual([])
  })
})

test("a command line that runs something in a service's container fills it", () => {
  const [db] = withInside(started("docker run --name db postgres"), [
    { run: "docker exec -it -u postgres db psql -c 'CREATE TABLE a();'", env: {}, folder: "" },
    { run: "docker compose -f ci.yml exec -T db createdb b", env: {}, folder: "" },
    {
      run: "docker exec -i db psql < schema.sql; docker exec other x; docker exec db $X",
      env: {},
      folder: "",
    },
  ])
  expect(db?.init).toEqual(["psql -c 'CREATE TABLE a();' || true", "createdb b || true"])
})

const words = (all: ReturnType<typeof servicesOfTests>) =>
  all.map(({ image, required, source }) => `${image} ${required ? "must" : "may"} ${source}`)

const CI = ".github/workflows/ci.yml"
const job = (steps: string) =>
  `jobs: { test: { strategy: { matrix: { db: [sqlite, pg] } }, steps: [${steps}] } }`

describe("tests get", () => {
  test.each<[what: string, steps: string, expected: readonly string[]]>([
    [
      "what a step of the team's job starts",
      "{ run: docker run -d -p 3306:3306 mysql:9 }",
      [`mysql:9 may ${CI}`],
    ],
    [
      "what an action starts, in its version",
      "{ uses: owner/redis-github-action@v1, with: { redis-version: 6 } }",
      [`redis:6 may ${CI}`],
    ],
    [
      "nothing of a step that another run of the matrix takes",
      "{ run: docker run postgres, if: matrix.db == 'pg' }",
      [],
    ],
  ])("%s", async (_, steps, expected) => {
    const project = await projectOf({
      "package.json": { name: "app", scripts: { test: "jest" } },
      [CI]: job(`${steps}, { run: npm test }`),
    })
    expect(
      words(servicesOfTests(project, { workspace: project.root, kind: "unit", script: "test" })),
    ).toEqual(expected)
  })

  test("what a script of package.json starts for people, whose client it has", async () => {
    const scripts = {
      cache: "docker run redis",
      "pg:16": "docker run -p 5432:5432 postgres:16",
      pg: "npm run pg:17",
      "pg:17": "docker run -p 5432:5432 postgres:17",
      "test:unit": "node --test",
    }
    const project = await projectOf({
      "package.json": { name: "app", scripts, peerDependencies: { pg: "8" } },
    })
    const test = { workspace: project.root, kind: "unit", script: "test:unit" } as const
    expect(words(servicesOfTests(project, test))).toEqual(["postgres:17 may the script pg in package.json"])
  })

  test("nothing from their packages only where the team's CI runs a Python project's tests with no server in reach", async () => {
    const count = async (step: string) => {
      const { projects } = await repositoryOf({
        "requirements.txt": "pytest\npsycopg2\n",
        "tests/test_app.py": "",
        [CI]: job(step),
      })
      return projects.flatMap((one) => servicesOfTests(one, testOf(one))).length
    }
    expect(await count("{ run: uv run pytest }")).toBe(0)
    expect(await count("{ run: pytest, env: { DB: 'postgres://runner@localhost/app' } }")).toBe(1)
    expect(await count("{ run: make db && pytest }")).toBe(1)
  })
})

test("an action's inputs name its database and user", () => {
  const [one] = readWorkflow(
    CI,
    job(
      "{ uses: owner/action-setup-postgres@v7, with: { username: me, database: app, postgres-version: '14' } }",
    ),
  )
  expect(one?.services).toMatchObject([
    { image: "postgres:14", env: { POSTGRES_USER: "me", POSTGRES_DB: "app" }, published: { 5432: 5432 } },
  ])
})

describe("services that a job starts by a script of package.json", () => {
  const hosts = async (run: string, scripts: Readonly<Record<string, string>>) => {
    const app = await projectOf({
      "package.json": { name: "app", scripts: { test: "vitest run", ...scripts }, dependencies: { pg: "8" } },
      "scripts/services.yml": "services: { store: { image: 'postgres:16', ports: ['5432:5432'] } }",
      "scripts/docker-compose.yaml": "services: { db: { image: 'postgres:17', ports: ['5432:5432'] } }",
      "scripts/up.sh": "if true; then\n  docker compose -f ./scripts/docker-compose.yaml up -d\nfi",
      ".github/workflows/ci.yml": `jobs: { test: { steps: [{ run: ${run} }, { run: npm test }] } }`,
    })
    return servicesOfTests(app, { workspace: app.root, kind: "unit", script: "test" }).map(
      ({ host, image }) => `${host} ${image}`,
    )
  }

  test.each<[does: string, run: string, scripts: Readonly<Record<string, string>>]>([
    [
      "that calls a shell script",
      "npm run db:up",
      { "db:up": "chmod +x ./scripts/up.sh && ./scripts/up.sh" },
    ],
    ["that calls compose", "pnpm db:up", { "db:up": "docker compose -f scripts/docker-compose.yaml up -d" }],
    [
      "that calls another",
      "yarn up",
      { up: "npm run db", db: "docker compose -f scripts/docker-compose.yaml up" },
    ],
  ])("%s", async (_, run, scripts) => {
    expect(await hosts(run, scripts)).toEqual(["db postgres:17"])
  })

  test("or by compose itself, of the file that the step names", async () => {
    expect(await hosts("docker compose -f scripts/docker-compose.yaml up -d", {})).toEqual(["db postgres:17"])
  })

  test("not where its scripts have nothing to do with containers", async () => {
    expect(await hosts("npm run lint", { lint: "eslint .", up: "bash scripts/up.sh" })).toEqual([])
  })
})
