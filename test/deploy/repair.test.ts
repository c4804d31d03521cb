import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3"
import { describe, expect, it } from "vitest"
import { type Changes, run, show, simulate } from "./rehearsal.ts"

type Simulator = Awaited<ReturnType<typeof simulate>>

const QUICK = {
  seconds: { provision: 1, pull: 1, start: 1, healthy: 2, stop: 1, retry: 2, drain: 1, stage: 1 },
}
const LEDGER = "staging/ledger.json"
const LEASE = "staging/lease.json"
const FILES = [1, 2].map((number) => `staging/ledger/00000${number}.json`)

/** What people and their tools do to a bucket. */
function bucketIn({ url }: Simulator) {
  const credentials = { accessKeyId: "AKIAEXAMPLE", secretAccessKey: "canary-aws-secret-key" }
  const s3 = new S3Client({ region: "eu-central-1", endpoint: url, credentials, forcePathStyle: true })
  const at = (key: string) => ({ Bucket: "clinic-state", Key: `slipway/${key}` })
  const read = async (key: string): Promise<string> =>
    (await (await s3.send(new GetObjectCommand(at(key)))).Body?.transformToString()) ?? ""
  const put = (key: string, Body: string) =>
    s3.send(new PutObjectCommand({ ...at(key), Body, ContentType: "application/json" }))
  return {
    read,
    put,
    truncate: async (key: string) => put(key, (await read(key)).slice(0, 40)),
    remove: async (...keys: readonly string[]) => {
      for (const key of keys) await s3.send(new DeleteObjectCommand(at(key)))
    },
  }
}
type Bucket = ReturnType<typeof bucketIn>

/** Two releases are live, one after the other. */
async function twice(versioned: boolean) {
  const simulator = await simulate(QUICK, { versioned, services: [{ name: "web", revision: 7 }] })
  await deploy(simulator, 0)
  const bucket = bucketIn(simulator)
  const first = await bucket.read(LEDGER)
  await deploy(simulator, 1)
  return { simulator, bucket, first }
}

const deploy = (simulator: Simulator, commit: number) => run(simulator, { commit, environment: UNCHECKED })
const UNCHECKED: NonNullable<Changes["environment"]> = {
  checks: [],
  services: [{ name: "web", container: "web", image: "web" }],
}

const repair = (simulator: Simulator, action: "status" | "audit" = "status") =>
  run(simulator, { action, environment: UNCHECKED, request: { repair: action === "status" } })

const changes = (simulator: Simulator) =>
  simulator.rehearsal.journal.filter(({ service }) => service === "ecs").length

type Damage = readonly [string, string, (bucket: Bucket, first: string) => Promise<unknown>]

const DAMAGES: readonly Damage[] = [
  ["a truncated ledger", LEDGER, (bucket) => bucket.truncate(LEDGER)],
  ["an empty ledger", LEDGER, (bucket) => bucket.put(LEDGER, "")],
  ["a deleted ledger", LEDGER, (bucket) => bucket.remove(LEDGER)],
  ["a ledger of the time before its last release", LEDGER, (bucket, first) => bucket.put(LEDGER, first)],
  ["a truncated lease", LEASE, (bucket) => bucket.truncate(LEASE)],
  ["a deleted lease", LEASE, (bucket) => bucket.remove(LEASE)],
  ["a bucket where everything was deleted", LEDGER, (bucket) => bucket.remove(LEDGER, LEASE, ...FILES)],
]

/** What a bucket without versions makes harder. */
const HARDER = DAMAGES.filter(([what]) => /an empty ledger|a deleted|everything/.test(what))

describe.each([
  [true, DAMAGES],
  [false, HARDER],
])("a bucket that keeps versions: %s", (versioned, damages) => {
  it.each(damages)("%s is named, and repaired", async (_, key, damage) => {
    const { simulator, bucket, first } = await twice(versioned)
    await damage(bucket, first)
    const before = changes(simulator)
    for (const action of versioned ? (["deploy", "status"] as const) : (["rollback"] as const)) {
      const { result } = await run(simulator, { action, commit: 2, environment: UNCHECKED })
      expect([action, result.outcome, result.exitCode]).toEqual([action, "refused", 44])
      expect(result.what).toMatch(new RegExp(`state .* is broken: ${key} is (damaged|missing)`))
      expect(result.text).toContain("`status --repair`")
    }
    const repaired = await repair(simulator)
    show(repaired)
    expect(repaired.result.outcome).toBe("succeeded")
    expect(repaired.printed.join("\n")).toContain(`restored ${key}`)
    expect(changes(simulator)).toBe(before)
    const next = await deploy(simulator, 2)
    show(next)
    expect(next.result.outcome).toBe("succeeded")
    expect(next.result.release).toBeGreaterThan(2)
    const again = await repair(simulator)
    expect(again.result.what).toContain("nothing to repair")
  })

  it("knows after a repair where to go back to", async () => {
    const { simulator, bucket } = await twice(versioned)
    await bucket.remove(LEDGER)
    await repair(simulator)
    const back = await run(simulator, { action: "rollback", commit: 1, environment: UNCHECKED })
    show(back)
    expect(back.result.what).toContain("aaaaaaaaaaaa is live again")
  })

  it("restores the file of a release", async () => {
    const { simulator, bucket } = await twice(versioned)
    const [file = ""] = FILES
    const whole = await bucket.read(file)
    await bucket.truncate(file)
    const red = await repair(simulator, "audit")
    expect([red.result.outcome, red.result.what]).toEqual(["refused", expect.stringContaining(file)])
    await repair(simulator)
    expect(JSON.parse(await bucket.read(file))).toEqual(JSON.parse(whole))
    expect((await repair(simulator, "audit")).result.outcome).toBe("succeeded")
  })
})

describe("without versions, a repair says what is lost", () => {
  it("and numbers go on after the releases that ECS still runs", async () => {
    const { simulator, bucket } = await twice(false)
    await bucket.remove(LEDGER, LEASE, ...FILES)
    const { result } = await repair(simulator)
    expect(result.text).toMatch(/lost: all releases/)
    expect(result.text).toMatch(/lost: which release is live/)
    expect(result.text).toMatch(/lost: whether a contract migration ran: nothing returns below release \d/)
  })

  it("and names releases without a file", async () => {
    const { simulator, bucket } = await twice(false)
    const [first = ""] = FILES
    await bucket.remove(LEDGER, first)
    const { result } = await repair(simulator)
    expect(result.text).toMatch(/lost: 1 release without a file: 1/)
    expect(result.what).toContain("release 2 (bbbbbbbbbbbb) is live")
  })
})

it.each([
  [LEDGER, { version: 3 }],
  [LEDGER, { waves: [] }],
  [LEASE, { region: "eu-central-1" }],
])("%s of a newer version is left as it is: %o", async (key, more) => {
  const { simulator, bucket } = await twice(true)
  const newer = JSON.stringify({ ...JSON.parse(await bucket.read(key)), ...more })
  await bucket.put(key, newer)
  for (const ran of [await deploy(simulator, 2), await repair(simulator)]) {
    expect(ran.result.outcome).toBe("refused")
    expect(ran.result.what).toContain(`${key} is of a newer version of Slipway`)
    expect(ran.result.text).toContain("run the version of Slipway that wrote it")
  }
  expect(await bucket.read(key)).toBe(newer)
})
