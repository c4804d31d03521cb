import { execFileSync } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import { afterAll, expect, test } from "vitest"
import { startSimulator } from "../../modules/aws-simulator/program/simulator.js"
import { worldFor } from "../../modules/aws-simulator/program/world.js"
import { EMPTY_LEDGER, type Ledger, withRelease } from "../../modules/deploy/program/core/ledger.js"
import { record } from "../unit/deploy/records.js"
import { HOST, PASSWORD, registryOf } from "./registry.js"
import { commitAll, edit, medflow, write } from "./support.js"

const ACCOUNT = { account: "111111111111", region: "eu-central-1", cluster: "medflow-staging" }
// Where `--aws` leads is known by its port.
const aws = await startSimulator({
  world: worldFor({ ...ACCOUNT, services: [{ name: "backend" }, { name: "proving" }] }),
  port: 4566,
})
afterAll(() => aws.close())

const STATE = { bucket: "medflow-state-111111111111", folder: "deployments" }
/** Where a release is proven before it goes to staging. */
const PROVING = `
  proving:
    account: "${ACCOUNT.account}"
    region: ${ACCOUNT.region}
    cluster: ${ACCOUNT.cluster}
    state: { bucket: ${STATE.bucket}, prefix: ${STATE.folder} }
    services: [{ name: proving, container: proving, image: backend }]
`
/** A patient that is not there: to say so, the app reads all columns. */
const NOBODY = "https://staging.medflow.example/api/patients/00000000-0000-4000-8000-000000000000"
const PROOF = {
  checks: [
    {
      url: "https://staging.medflow.example/api/health",
      attempts: 10,
      intervalSeconds: 30,
      status: 200,
      contains: "ok",
    },
  ],
  smoke: [{ url: NOBODY, attempts: 10, intervalSeconds: 30, status: 404, contains: null }],
  strategies: {},
}

/** The backend of the example app, which requires a result. */
function backend(): string {
  const folder = medflow()
  fs.rmSync(path.join(folder, "frontend/Dockerfile"))
  edit(folder, "slipway.yaml", (text) =>
    text
      .replace(/^ {4}role: medflow-staging-deploy\n(?:.*\n){2}/m, "")
      .replace("      - { name: frontend, container: frontend, image: frontend }\n", "")
      .replace("\nenvironments:\n", `\nenvironments:${PROVING}`)
      .replace("phase: expand\n", "phase: expand\n      compatible: required\n"),
  )
  commitAll(folder)
  return folder
}

/** Makes a release live in an environment, as its ledger has it; and as ECS runs it, where it has its service. */
function goesLive(image: string, environment = "staging", commit: string | null = null): void {
  const state = aws.rehearsal.look()
  const revisions = Object.fromEntries(
    state.services.filter(({ name }) => name === environment).map((one) => [one.name, one.taskDefinition]),
  )
  const one = record(1, { images: { backend: image }, proof: PROOF, revisions, ...(commit && { commit }) })
  const ledger: Ledger = {
    ...withRelease(EMPTY_LEDGER, one),
    next: 2,
    live: { number: 1, commit: one.commit, since: 0 },
  }
  const stored = {
    bucket: STATE.bucket,
    key: `${STATE.folder}/${environment}/ledger.json`,
    etag: '"1"',
    modifiedAt: 0,
    body: Buffer.from(JSON.stringify(ledger)),
    type: "application/json",
    metadata: {},
  }
  aws.rehearsal.become({ ...state, objects: [...state.objects, stored] })
}

const kept = () =>
  aws.rehearsal
    .look()
    .objects.filter(({ key }) => key.startsWith(`${STATE.folder}/staging/compatible/`))
    .map(({ body }) => JSON.parse(body.toString()))

test("the live release is tried on the schema that the new images make", async () => {
  const folder = backend()
  const registry = registryOf(`slipway-compatible-${Date.now()}`)
  Object.assign(process.env, { REGISTRY_PASSWORD: PASSWORD, AWS_TEST_ID: "id", AWS_TEST_SECRET: "secret" })
  const head = () => execFileSync("git", ["rev-parse", "HEAD"], { cwd: folder, encoding: "utf8" }).trim()
  const options = () => {
    return [
      ...["--run", JSON.stringify({ commit: head(), actor: "ann" })],
      ...["--registry-password", "env://REGISTRY_PASSWORD", "--aws", `tcp://${new URL(aws.url).host}`],
      ...["--aws-access-key-id", "env://AWS_TEST_ID", "--aws-secret-access-key", "env://AWS_TEST_SECRET"],
    ]
  }
  const pushed = async () => {
    const { code, said } = await registry.call(folder, options(), ["push", "--registry", `${HOST}/clinic`])
    expect(code, said).toBe(0)
    return said.trim()
  }
  const tried = async (sql: string, from: string | null) => {
    write(folder, { "backend/migrations/1767225600003_change.sql": `${sql}\n` })
    commitAll(folder)
    const images = await pushed()
    if (from !== null) goesLive(images, from, head())
    const what = from === null ? ["--images", images] : ["--from", from]
    return registry.callModule(folder, options(), ["compatible", "--env", "staging", ...what])
  }

  goesLive(await pushed())
  const green = await tried("ALTER TABLE patients ADD COLUMN title text;", null)
  expect(green.code, green.said).toBe(0)
  expect(green.said).toContain("1 service up, 2 checks passed")

  const red = await tried("ALTER TABLE patients DROP COLUMN phone;", "proving")
  // The app's own line: it withholds the text, 42703 is PostgreSQL's code of a column that does not exist.
  expect(red.said).toMatch(/backend: withheld: .* \(42703\); \S+ answers 500 /)
  expect(red.code).toBe(47)
  expect(
    kept()
      .map(({ verdict }) => verdict)
      .sort(),
  ).toEqual(["failed", "passed"])
})
