import { describe, expect, test } from "vitest"
import { servicesOfTests } from "../../../../ci/src/project/declared/choose.js"
import { clientCommands } from "../../../../ci/src/project/declared/database-clients.js"
import { environmentsOf } from "../../../../ci/src/project/declared/environments.js"
import { type Files, projectOf } from "../../projects.js"

const FILES = ["schema.sql", "db/seed.sql", "db/roles.sql"]
const lines = (run: string, env = {}) =>
  clientCommands(
    run.split("\n").map((one) => ({ run: one, env, folder: "" })),
    FILES,
  ).map((one) => one.run(5432))

const SET = `PGUSER="\${POSTGRES_USER:-postgres}" PGPASSWORD="$POSTGRES_PASSWORD"`

describe("a command by which CI prepares a database runs in its container", () => {
  test.each([
    [
      "psql -h localhost -p 5433 -U app -c 'CREATE DATABASE b'",
      `${SET} psql -h 127.0.0.1 -p 5432 -U app -c 'CREATE DATABASE b'`,
    ],
    ["createdb --host=localhost -p5433 b", `${SET} createdb --host=127.0.0.1 -p5432 b`],
    [
      "PGPASSWORD=secret psql postgres://app@localhost:5433/b -f db/seed.sql",
      `${SET} PGPASSWORD=secret psql postgres://app@127.0.0.1:5432/b -f /slipway-init/db/seed.sql`,
    ],
    ["psql -U app < schema.sql", `${SET} psql -U app </slipway-init/schema.sql`],
    ["cat schema.sql | psql -U app b", `${SET} psql -U app b </slipway-init/schema.sql`],
    [`sudo su - postgres -c "psql -c 'CREATE ROLE a'"`, `${SET} PGUSER=postgres psql -c 'CREATE ROLE a'`],
    ["sudo -u postgres psql -c '\\du' ", `${SET} PGUSER=postgres psql -c '\\du'`],
    [
      "mysql -h127.0.0.1 -P3307 -uroot -proot app <schema.sql",
      "mysql -h127.0.0.1 -P5432 -uroot -proot app </slipway-init/schema.sql",
    ],
    ["mysqladmin -h 0.0.0.0 -uroot create b", "mysqladmin -h 127.0.0.1 -uroot create b"],
    ["redis-cli -p 6380 config set appendonly yes", "redis-cli -p 5432 config set appendonly yes"],
    [
      'psql -c "\n  CREATE ROLE a;  -- first\n  CREATE ROLE b;\n" app',
      `${SET} psql -c '\n  CREATE ROLE a;  -- first\n  CREATE ROLE b;\n' app`,
    ],
    ["psql app <<SQL\n  CREATE TABLE a();\nSQL", `${SET} psql app <<'SLIPWAY'\n  CREATE TABLE a();\nSLIPWAY`],
    ["echo 'CREATE EXTENSION x' | psql app", `${SET} psql app <<'SLIPWAY'\nCREATE EXTENSION x\nSLIPWAY`],
  ])("%s", (run, expected) => {
    expect(lines(run)).toEqual([expected])
  })

  test("with the variables of its step, at its own address", () => {
    expect(
      lines('psql -c "ALTER ROLE $ROLE"', { PGHOST: "localhost", PGPORT: "1", ROLE: "a", OTHER: "b" }),
    ).toEqual([`${SET} PGHOST=127.0.0.1 PGPORT=5432 psql -c 'ALTER ROLE a'`])
  })

  test.each([
    "until psql -c 'SELECT 1'; do sleep 1; done",
    "mysqladmin ping -h 127.0.0.1",
    "psql --version",
    "psql -f missing.sql",
    'psql -c "$(cat query.sql)"',
    "psql -c 'GRANT a TO b' $NOBODY_KNOWS",
    "apt-get install postgresql-client",
    "docker exec db psql",
  ])("but not %s", (run) => {
    expect(lines(run)).toEqual([])
  })
})

const CI = ".github/workflows/ci.yml"
const job = (image: string, ...runs: string[]) => ({
  "runs-on": "ubuntu-latest",
  services: { db: { image, ports: ["5433:5432"] } },
  steps: [...runs, "npm test"].map((run) => ({ run })),
})
const inCi = async (jobs: object, files: Files = {}) => {
  const scripts = { test: "jest", roles: "psql -p 5433 -c 'CREATE ROLE a'", migrate: "psql -f schema.sql" }
  const project = await projectOf({
    "package.json": { scripts, dependencies: { pg: "8" } },
    [CI]: JSON.stringify({ on: "push", jobs }),
    ...files,
  })
  return { project, own: { workspace: project.root, kind: "unit", script: "test" } as const }
}

test("a service is filled by the clients of its technology, also by those of scripts and of shell scripts", async () => {
  const { project, own } = await inCi(
    {
      test: job(
        "postgres:16",
        "npm run roles",
        "npm run migrate",
        "bash db/set-up.sh",
        "mysql -e 'CREATE DATABASE b'",
      ),
    },
    { "schema.sql": "", "db/set-up.sh": "psql -p 5433 <<SQL\nCREATE TABLE a();\nSQL\n", "db/seed.sql": "" },
  )
  expect(servicesOfTests(project, own)).toMatchObject([
    {
      image: "postgres:16",
      init: [
        `{ ${SET} psql -p 5432 -c 'CREATE ROLE a'\n} || true`,
        `{ ${SET} psql -p 5432 <<'SLIPWAY'\nCREATE TABLE a();\nSLIPWAY\n} || true`,
      ],
    },
  ])
})

test("an environment whose job sets its machine up otherwise is named with the command", async () => {
  const { project, own } = await inCi({
    test: job("postgres:16"),
    roles: { ...job("postgres:16", "psql -p 5433 -c 'CREATE ROLE a'"), env: { ROLES: "1" } },
    owner: { ...job("postgres:16", "su postgres -c 'createdb b'"), env: { OWNER: "1" } },
    tls: { ...job("postgres:16", "openssl req -new -x509 -out server.crt"), env: { TLS: "1" } },
    hosts: { ...job("postgres:16", "echo 127.0.0.1 db | sudo tee -a /etc/hosts"), env: { DB: "db" } },
    sql: { ...job("postgres:16", "psql -f made.sql"), env: { SQL: "1" } },
  })
  const { others, unchecked } = environmentsOf(project, own, 9)
  expect(others.map(({ label }) => label)).toEqual(["[ROLES=1]", "[OWNER=1]"])
  expect(unchecked.map(({ reason }) => reason)).toEqual([
    "its job sets its machine up as nothing here does: `openssl req -new -x509 -out server.crt`",
    "its job sets its machine up as nothing here does: `sudo tee -a /etc/hosts`",
    "its job sets its machine up as nothing here does: `psql -f made.sql`",
  ])
})
