import { randomUUID } from "node:crypto"
import { runner } from "node-pg-migrate"
import pg from "pg"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { databaseUrl } from "./support/api.js"

const name = `medflow_migrations_${randomUUID().replaceAll("-", "")}`
const url = new URL(databaseUrl())
url.pathname = `/${name}`
const admin = new pg.Client(databaseUrl())
const scratch = new pg.Client(url.href)

beforeAll(async () => {
  await admin.connect()
  await admin.query(`CREATE DATABASE ${name}`)
  await scratch.connect()
})

afterAll(async () => {
  await scratch.end()
  await admin.query(`DROP DATABASE ${name}`)
  await admin.end()
})

function migrate(direction: "up" | "down"): Promise<readonly { name: string }[]> {
  return runner({
    dbClient: scratch,
    dir: "migrations",
    migrationsTable: "pgmigrations",
    direction,
    count: Infinity,
    log: () => undefined,
  })
}

async function columns(): Promise<readonly string[]> {
  const { rows } = await scratch.query<{ name: string }>(
    `SELECT table_name || '.' || column_name AS name FROM information_schema.columns
     WHERE table_schema = 'public' AND table_name <> 'pgmigrations' ORDER BY 1`,
  )
  return rows.map((row) => row.name)
}

describe("migrations", () => {
  it("can be taken back to an empty schema and applied again", async () => {
    expect(await migrate("up")).toHaveLength(3)
    const full = await columns()
    expect(full).toContain("audit_log.details")
    await migrate("down")
    expect(await columns()).toEqual([])
    await migrate("up")
    expect(await columns()).toEqual(full)
  })

  it("have nothing left to do the second time", async () => {
    expect(await migrate("up")).toEqual([])
  })
})
