import { generateKeyPairSync } from "node:crypto"
import * as path from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { NO_CONTEXT } from "../../ci/src/plan/context.js"
import type { RunRecord } from "../../ci/src/plan/result.js"
import { PASSWORD, type Registry, startRegistry } from "./registry.js"
import { app, call, edit, report, temporary, write } from "./support.js"

const DOCKERFILE = `FROM debian:bookworm-slim AS base
ARG WORD=none
RUN echo "$WORD" >/word
FROM base AS extra
RUN exit 1
FROM base
USER 1000
CMD ["cat", "/word"]
`
const CONFIG = "image: { platforms: [linux/amd64], workspaces: { small: { args: { WORD: hello } } } }\n"
const COMMIT = "0123456789abcdef0123456789abcdef01234567"

const BUILD = `const fs = require("fs")
fs.mkdirSync("dist/assets", { recursive: true })
fs.writeFileSync("dist/index.html", "<!doctype html>")
fs.writeFileSync("dist/assets/index-BYAwAIYt.js", require("crypto").createHash("shake256", { outputLength: SIZE }).digest("hex"))
`

describe("an image", () => {
  test("is built for its platform with its arguments", async () => {
    const { code, said } = await call(
      app({ Dockerfile: DOCKERFILE, "slipway.yaml": CONFIG }),
      "image",
      "build",
    )
    expect(code, said).toBe(0)
    expect(said).toContain("built for linux/amd64, runs as user 1000")
  })

  test("of a stage that fails is red by that command", async () => {
    const config = CONFIG.replace("args:", "target: extra, args:")
    const { code, said } = await call(
      app({ Dockerfile: DOCKERFILE, "slipway.yaml": config }),
      "image",
      "build",
    )
    expect(said).toContain("RUN exit 1 exited with code 1")
    expect(code).toBe(14)
  })

  test("for another platform says that it cannot be built here, and what to do", async () => {
    const config = CONFIG.replace("linux/amd64", "linux/amd64, linux/s390x")
    const { code, said } = await call(
      app({ Dockerfile: DOCKERFILE, "slipway.yaml": config }),
      "image",
      "build",
    )
    expect(said).toMatch(/cannot be built for linux\/s390x on this engine for linux\/amd64: take it out/)
    expect(code).toBe(11)
  })
})

test("a bundle is weighed against its budget and against the base", async () => {
  const folder = app({ "vite.cjs": BUILD.replace("SIZE", "20000") }, { build: "node vite.cjs" })
  const first = await report(folder)
  expect(first.stage("bundle")).toMatchObject({ verdict: "passed" })
  expect(first.stage("bundle").measures?.map(({ name }) => name)).toContain("assets/index.js (gzip)")

  edit(folder, "vite.cjs", (text) => text.replace("20000", "30000"))
  const grown = await call(folder, "--base", path.join(first.folder, "result.json"), "bundle")
  expect(grown.said).toMatch(/total grew from 2\d\.\d kB to 3\d\.\d kB \(gzip\), more than the 10 %/)
  expect(grown.code).toBe(24)

  write(folder, { "slipway.yaml": "bundle: { budget: { 'assets/*.js': 1kB } }\n" })
  const heavy = await call(folder, "bundle")
  expect(heavy.said).toMatch(/assets\/index\.js has 3\d\.\d kB \(gzip\), .* over its budget of 1\.0 kB/)
  expect(heavy.code).toBe(24)
})

describe("in a registry", () => {
  const folder = app({ Dockerfile: DOCKERFILE, "slipway.yaml": CONFIG })
  const keys = [keyPair(), keyPair()] as const
  const evidence = evidenceOf({})
  let registry: Registry
  let image = ""

  beforeAll(async () => {
    registry = await startRegistry()
  })
  afterAll(() => registry.stop())

  const images = (words: readonly string[], password = PASSWORD) => {
    Object.assign(process.env, { REGISTRY_PASSWORD: password })
    const secrets = [
      "--registry-password",
      "env://REGISTRY_PASSWORD",
      "--signing-key",
      `file://${keys[0].private}`,
    ]
    return call(
      folder,
      "--run",
      JSON.stringify({ commit: COMMIT }),
      ...secrets,
      "image",
      ...words,
      ...registry.reach,
    )
  }
  const verify = (name: string, key = keys[0].public) => images(["verify", "--images", name, "--key", key])

  test("it is pushed by digest under its commit, and comes out the same again", async () => {
    const pushed = await images(["push", "--registry", `${registry.host}/team`])
    expect(pushed.code, pushed.said).toBe(0)
    image = pushed.said.trim()
    expect(image).toMatch(/^registry:\d+\/team\/small@sha256:[0-9a-f]{64}$/)
    const again = await images(["push", "--registry", `${registry.host}/team`])
    expect(again.said.trim()).toBe(image)
  })

  test("a wrong password is refused, and shown nowhere", async () => {
    const { code, said, stderr } = await images(
      ["push", "--registry", `${registry.host}/team`],
      "wrong-password",
    )
    expect(said).toContain("the registry refuses the login")
    expect(code).toBe(25)
    expect(stderr).not.toContain("wrong-password")
  })

  test("it does not verify before it is signed, nor does one that is not there", async () => {
    const unsigned = await verify(image)
    expect(unsigned.code, unsigned.said).toBe(26)
    const missing = await verify(image.replace(/[0-9a-f]{64}/, "0".repeat(64)))
    expect(missing.said).toContain("the registry has no such image")
    expect(missing.code).toBe(28)
  })

  test("it is not signed with evidence that is red, of another commit, or without a bill of materials", async () => {
    const sign = async (folder: string) =>
      (await images(["sign", "--images", image, "--evidence", folder])).code
    expect(await sign(evidenceOf({ verdict: "failed" }))).toBe(27)
    expect(await sign(evidenceOf({ context: { ...NO_CONTEXT, commit: "other" } }))).toBe(27)
    expect(await sign(evidenceOf({}, false))).toBe(27)
  })

  test("signed, it verifies by that key alone", async () => {
    const signed = await images(["sign", "--images", image, "--evidence", evidence])
    expect(signed.code, signed.said).toBe(0)
    const good = await verify(image)
    expect(good.said).toContain(`verified: built from ${COMMIT}`)
    expect(good.code).toBe(0)
    const other = await verify(image, keys[1].public)
    expect(other.said).toContain("the signature is not by this key, or not for this image")
    expect(other.code).toBe(26)
  })

  test("it is promoted with its signature and its digest, and one that does not verify is not", async () => {
    const promote = (key: string) =>
      images(["promote", "--image", image, "--to", `${registry.host}/production/small`, "--key", key])
    expect((await promote(keys[1].public)).code).toBe(26)
    const promoted = await promote(keys[0].public)
    expect(promoted.said.trim()).toBe(image.replace("/team/", "/production/"))
    expect((await verify(promoted.said.trim())).code).toBe(0)
  })

  test("retention deletes what nothing keeps, when it is to be applied", async () => {
    const retain = (...words: string[]) =>
      images(["retain", "--repository", `${registry.host}/team/small`, ...words])
    edit(folder, "slipway.yaml", (text) =>
      text.replace("{ platforms", "{ retain: { keep: 0, days: 0 }, platforms"),
    )
    expect((await retain("--apply")).said).toContain("(signed)")
    edit(folder, "slipway.yaml", (text) => text.replace("days: 0", "days: 0, signed: false"))
    const promoted = await retain("--apply", "--promoted-to", `${registry.host}/production/small`)
    expect(promoted.said).toContain("(promoted)")
    expect((await retain()).said).toContain("0 stay, 1 would go")
    expect((await verify(image)).code).toBe(0)
    const applied = await retain("--apply")
    expect(applied.said).toContain("0 stay, 1 deleted")
    expect((await verify(image)).code).toBe(28)
    expect((await verify(image.replace("/team/", "/production/"))).code).toBe(0)
  })
})

/** A key pair in files, as tools other than cosign make it too. */
function keyPair(): { readonly private: string; readonly public: string } {
  const folder = temporary("key")
  const pair = generateKeyPairSync("ec", {
    namedCurve: "P-256",
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  })
  write(folder, { "private.pem": pair.privateKey, "public.pem": pair.publicKey })
  return { private: path.join(folder, "private.pem"), public: path.join(folder, "public.pem") }
}

/** What `report` would leave of a check of the commit. */
function evidenceOf(change: Partial<RunRecord>, bill = true): string {
  const record: RunRecord = {
    ...{
      schema: 1,
      slipway: "0",
      project: "small",
      verdict: "passed",
      exitCode: 0,
      startedAt: 0,
      endedAt: 0,
    },
    ...{ context: { ...NO_CONTEXT, commit: COMMIT }, stages: [], images: [] },
    ...change,
  }
  const folder = temporary("evidence")
  write(folder, {
    "result.json": record,
    ...(bill
      ? { "sbom/small.cdx.json": { bomFormat: "CycloneDX", specVersion: "1.6", components: [] } }
      : {}),
  })
  return folder
}
