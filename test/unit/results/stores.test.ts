import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { afterAll, describe, expect, test } from "vitest"
import { signedHeaders } from "../../../ci/src/results/aws-signature.js"
import { memoryOf } from "../../../ci/src/results/memory.js"
import { UNSIGNED } from "../../../ci/src/results/names.js"
import { bucketStore } from "../../../ci/src/results/s3.js"
import { parseConfig } from "../../../ci/src/settings.js"
import { storeOf } from "../../../cli/results.js"
import { startSimulator } from "../../../modules/aws-simulator/program/simulator.js"
import { worldFor } from "../../../modules/aws-simulator/program/world.js"
import { keyPair, signedBy } from "./keys.js"
import { storedRecord } from "./stored-record.js"

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "slipway-stores-"))
const aws = await startSimulator({
  world: worldFor({
    account: "111122223333",
    region: "eu-central-1",
    cluster: "none",
    services: [],
    buckets: ["kept"],
  }),
})
afterAll(async () => {
  fs.rmSync(folder, { recursive: true })
  await aws.close()
})

const own = keyPair(folder, "own")
const foreign = keyPair(folder, "foreign")
const record = storedRecord()
const text = signedBy(own.file, record)
const settings = (more: string, endpoint = aws.url) =>
  `results: { s3: "s3://kept/medflow", region: eu-central-1, endpoint: "${endpoint}", signers: ["${own.shared}"], ${more} }`
const bucket = (s3 = "s3://kept/medflow") =>
  bucketStore({ s3, region: "eu-central-1", endpoint: aws.url }, "id:secret:token")
const recall = (more = "", endpoint?: string) =>
  memoryOf(parseConfig(settings(more, endpoint)), { folder: null, login: "id:secret" })?.recall(
    new Map([[record.key, record.stage]]),
  )

describe("a request to S3", () => {
  // https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
  const credentials = {
    accessKeyId: "AKIAIOSFODNN7EXAMPLE",
    secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    sessionToken: null,
  }
  const at = { region: "us-east-1", at: new Date("2013-05-24T00:00:00Z") }

  test.each([
    [
      "GetObject",
      {
        method: "GET",
        url: new URL("https://examplebucket.s3.amazonaws.com/test.txt"),
        headers: { range: "bytes=0-9" },
      },
      "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
    ],
    [
      "PutObject",
      {
        method: "PUT",
        url: new URL("https://examplebucket.s3.amazonaws.com/test%24file.text"),
        headers: { date: "Fri, 24 May 2013 00:00:00 GMT", "x-amz-storage-class": "REDUCED_REDUNDANCY" },
        body: "Welcome to Amazon S3.",
      },
      "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
    ],
  ])("%s is signed as in AWS's documentation", (_name, request, signature) => {
    expect(signedHeaders(request, credentials, at).authorization).toMatch(
      new RegExp(`^AWS4-HMAC-SHA256 Credential=AKIA\\w+/20130524/us-east-1/s3/aws4_request,.*=${signature}$`),
    )
  })

  test("signs the token of a session", () => {
    const request = { method: "GET", url: new URL("https://s3.amazonaws.com/a/b"), headers: {} }
    const headers = signedHeaders(request, { ...credentials, sessionToken: "token" }, at)
    expect(headers).toMatchObject({ "x-amz-security-token": "token" })
    expect(headers.authorization).toContain("x-amz-date;x-amz-security-token,")
  })
})

describe("a bucket", () => {
  test("returns what was written, with its contents; null for what it lacks", async () => {
    const content = new Uint8Array([0, 255, 10])
    const digest = `sha256:${"f".repeat(64)}`
    await bucket().write({ key: record.key, text, blobs: new Map([[digest, content]]) })
    const entry = await bucket().read(record.key)
    expect(entry?.text).toBe(text)
    expect(await entry?.blob(digest)).toEqual(content)
    expect(await entry?.blob(`sha256:${"0".repeat(64)}`)).toBeNull()
    expect(await bucket().read("0".repeat(64))).toBeNull()
  })

  test("throws when the bucket is missing", async () => {
    await expect(bucket("s3://other").read(record.key)).rejects.toThrow(/HTTP 404 .*NoSuchBucket/)
  })

  test("gives a run its records", async () => {
    expect((await recall())?.found.get(record.key)?.record).toEqual(record)
  })

  test.each([
    ["signed by a foreign key", signedBy(foreign.file, record), /`results.signers` does not have/],
    ["cut off", text.slice(0, 100), /cut off/],
    [
      "with a content that is missing",
      signedBy(own.file, { ...record, blobs: { "a.png": "e".repeat(64) } }),
      /a.png is missing/,
    ],
  ])("names a record that is %s, and ends a strict run", async (_what, bad, reason) => {
    await bucket().write({ key: record.key, text: bad, blobs: new Map() })
    const refused = [{ stage: record.stage, reason: expect.stringMatching(reason) }]
    expect(await recall()).toMatchObject({ refused, warning: null })
    await expect(recall("strict: true")).rejects.toThrow(reason)
  })

  test("that is unreachable is one warning, also in a strict run", async () => {
    const gone = await recall("strict: true", "http://127.0.0.1:4")
    const warning = "the store of results is unreachable (127.0.0.1:4: ECONNREFUSED): every stage runs"
    expect(gone).toEqual({ found: new Map(), refused: [], warning })
  })
})

describe("the command line", () => {
  const app = path.join(folder, "app")
  fs.mkdirSync(app)
  const configure = (text: string) => fs.writeFileSync(path.join(app, "slipway.yaml"), text)

  test("writes signed records to a bucket, with the credentials of AWS's own variables", async () => {
    configure(settings(""))
    fs.mkdirSync(path.join(app, UNSIGNED))
    fs.writeFileSync(path.join(app, UNSIGNED, `${record.key}.json`), JSON.stringify(record))
    const env = { AWS_ACCESS_KEY_ID: "id", AWS_SECRET_ACCESS_KEY: "secret", AWS_SESSION_TOKEN: "token" }
    const store = storeOf(app, { key: own.file, env })
    expect(store).toMatchObject({
      options: ["--results-login", "env://SLIPWAY_RESULTS_LOGIN"],
      env: { SLIPWAY_RESULTS_LOGIN: "id:secret:token" },
    })
    expect(await store?.keep(app)).toBeNull()
    expect((await recall())?.found.size).toBe(1)
    expect(fs.existsSync(path.join(app, UNSIGNED))).toBe(false)
  })

  test("says when the bucket takes no record", async () => {
    configure(settings("", "http://127.0.0.1:4"))
    fs.mkdirSync(path.join(app, UNSIGNED))
    fs.writeFileSync(path.join(app, UNSIGNED, `${record.key}.json`), JSON.stringify(record))
    const store = storeOf(app, { key: own.file, env: {} })
    expect(store?.options).toEqual([])
    expect(await store?.keep(app)).toMatch(/^results not kept in s3:\/\/kept\/medflow: .*ECONNREFUSED/)
  })
})

describe("`results` in slipway.yaml", () => {
  const signers = `signers: ["${own.shared}"]`

  test("names a registry", () => {
    const { results } = parseConfig(`results: { registry: "ghcr.io/clinic/medflow-results", ${signers} }`)
    expect(results).toMatchObject({ registry: "ghcr.io/clinic/medflow-results", folder: null, s3: null })
  })

  test.each([
    ["two stores", `registry: ghcr.io/a, folder: b`, /one store: `folder`, `s3` or `registry`/],
    ["a bucket without its region", `s3: "s3://kept"`, /`s3` with its `region`/],
    ["a bucket's name without s3://", `s3: kept, region: eu-central-1`, /"s3:\/\/bucket\/prefix"/],
    ["a repository without its registry", `registry: results`, /a repository such as/],
    ["an endpoint without http", `s3: "s3://kept", region: a, endpoint: minio`, /an address such as/],
  ])("is refused with %s", (_what, more, message) => {
    expect(() => parseConfig(`results: { ${more}, ${signers} }`)).toThrow(message)
  })
})
