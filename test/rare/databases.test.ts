import { expect, test } from "vitest"
import { edit, folderOf, nothingBut, report } from "../engine/support.js"

const TESTS = `import assert from "node:assert/strict"
import { after, before, test } from "node:test"
import { MongoClient } from "mongodb"

const client = new MongoClient(process.env.MONGODB_URI)
const patients = client.db().collection("patients")
before(async () => {
  await client.connect()
  await patients.createIndex({ email: 1 }, { unique: true })
})
after(() => client.close())

test("a patient is found by name", async () => {
  await patients.insertOne({ name: "Ada", email: "ada@example.org" })
  assert.equal((await patients.findOne({ name: /^ada/i })).email, "ada@example.org")
})

test("an address is there once", async () => {
  await assert.rejects(patients.insertOne({ name: "Eve", email: "ada@example.org" }), { code: 11000 })
})
`

/** What MongoDB answers to, and FerretDB does not. */
const TRANSACTION = `
test("a transaction", () =>
  client.withSession((session) => session.withTransaction(() => patients.insertOne({ name: "Bob" }, { session }))))
`

const SETTINGS = `tests: { retries: 0 }\n${nothingBut("unit")}`
const MANIFEST = {
  name: "clinic",
  type: "module",
  scripts: { test: "node --test" },
  dependencies: { mongodb: "6.12.0" },
}
const FILES = { "slipway.yaml": SETTINGS, "package.json": MANIFEST, "clinic.test.js": TESTS }

const COMPOSE = `services:
  db:
    image: mongo:7
    environment:
      MONGO_INITDB_ROOT_USERNAME: root
      MONGO_INITDB_ROOT_PASSWORD: example
      MONGO_INITDB_DATABASE: clinic
    volumes: ["./seed.js:/docker-entrypoint-initdb.d/seed.js:ro"]
    healthcheck:
      test: echo 'db.runCommand("ping").ok' | mongosh localhost:27017/test --quiet
`

const SEEDED = `
test("the scripts of the image ran", async () => {
  assert.equal(await client.db().collection("rooms").countDocuments(), 1)
})
`

test("tests with MongoDB run on FerretDB, a replica set of one, and are errored where it lacks what they use", async () => {
  const folder = folderOf(FILES)
  const green = (await report(folder)).stage("test:unit")
  expect(green, green.log.text).toMatchObject({ verdict: "passed", summary: "2 tests" })
  edit(folder, "clinic.test.js", (text) => text + TRANSACTION)
  const red = (await report(folder)).stage("test:unit")
  expect(red, red.log.text).toMatchObject({ verdict: "errored", cause: "service" })
  expect(red.summary).toMatch(/^1 of 3 tests failed, on FerretDB \S+ instead of MongoDB 7/)
})

test("MongoDB of a compose file has its user and its data", async () => {
  const folder = folderOf({
    ...FILES,
    "clinic.test.js": TESTS + SEEDED,
    "compose.yaml": COMPOSE,
    "seed.js": `db.rooms.insertOne({ name: "1" })\n`,
  })
  const green = (await report(folder)).stage("test:unit")
  expect(green, green.log.text).toMatchObject({ verdict: "passed", summary: "3 tests" })
})
