import { generateKeyPairSync } from "node:crypto"
import * as path from "node:path"
import { beforeAll, describe, expect, test } from "vitest"
import { COSIGN, REGCTL } from "../../ci/src/image/registry.js"
import { SYFT } from "../../ci/src/image/sbom.js"
import { NO_CONTEXT } from "../../ci/src/run/context.js"
import { notRun } from "../../ci/src/run/run.js"
import { TRIVY } from "../../ci/src/tools/trivy.js"
import { COMMIT, evidenceOf, HOST, makeKeys, PASSWORD, registryOf } from "./registry.js"
import { app, built, call, edit, temporary, write } from "./support.js"

built(TRIVY, SYFT, COSIGN, REGCTL)

const KEY_PASSWORD = "a password of the key"

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

test.each(["trivy", "syft"])("an image has a bill of materials by %s", async (tool) => {
  const config = CONFIG.replace("image: {", `image: { sbom: ${tool},`)
  const { code, said } = await call(app({ Dockerfile: DOCKERFILE, "slipway.yaml": config }), "image", "sbom")
  expect(said).toMatch(/✓ sbom:small .* \d+ packages, as CycloneDX and SPDX/)
  expect(code).toBe(0)
})

test("a bundle is weighed against its budget and against the base", async () => {
  const folder = app({ "vite.cjs": BUILD.replace("SIZE", "20000") }, { build: "node vite.cjs" })
  const green = await call(folder, "bundle")
  expect(green.said).toMatch(/✓ bundle .* 2 assets, 40\.0 kB, 2\d\.\d kB gzip/)
  expect(green.code).toBe(0)

  const total = { name: "total (gzip)", value: 10_000, unit: "B", limit: null, base: null }
  const before = evidenceOf({ stages: [{ ...notRun({ name: "bundle", needs: [] }, ""), measures: [total] }] })
  const grown = await call(folder, "--base", path.join(before, "result.json"), "bundle")
  expect(grown.said).toMatch(/total grew from 10\.0 kB to 2\d\.\d kB \(gzip\), more than the 10 %/)
  expect(grown.code).toBe(24)

  write(folder, { "slipway.yaml": "bundle: { budget: { 'assets/*.js': 1kB } }\n" })
  const heavy = await call(folder, "bundle")
  expect(heavy.said).toMatch(/assets\/index\.js has 2\d\.\d kB \(gzip\), .* over its budget of 1\.0 kB/)
  expect(heavy.code).toBe(24)
})

describe("in a registry", () => {
  const folder = app({ Dockerfile: DOCKERFILE, "slipway.yaml": CONFIG })
  const keys = temporary("keys")
  const [key, other] = [path.join(keys, "cosign.pub"), otherKey()]
  const evidence = evidenceOf({})
  const registry = registryOf(`slipway-test-${Date.now()}`)
  let image = ""

  beforeAll(async () => {
    await makeKeys(keys, KEY_PASSWORD)
  })

  const images = (words: readonly string[], password = PASSWORD, commit = COMMIT) => {
    Object.assign(process.env, { REGISTRY_PASSWORD: password, KEY_PASSWORD })
    const secrets = [
      ...["--registry-password", "env://REGISTRY_PASSWORD"],
      ...["--signing-key", `file://${keys}/cosign.key`, "--signing-password", "env://KEY_PASSWORD"],
    ]
    const context = ["--run", JSON.stringify({ commit })]
    return registry.call(folder, [...context, ...secrets], words)
  }
  const verify = (name: string, by = key) => images(["verify", "--images", name, "--key", by])

  test("it is pushed by digest under its commit, and comes out the same again", async () => {
    const pushed = await images(["push", "--registry", `${HOST}/team`])
    expect(pushed.code, pushed.said).toBe(0)
    image = pushed.said.trim()
    expect(image).toMatch(/^registry:5000\/team\/small@sha256:[0-9a-f]{64}$/)
    const again = await images(["push", "--registry", `${HOST}/team`])
    expect(again.said.trim()).toBe(image)
  })

  test("a wrong password is refused, and shown nowhere", async () => {
    const { code, said, stderr } = await images(["push", "--registry", `${HOST}/team`], "wrong-password")
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
    const wrong = await verify(image, other)
    expect(wrong.said).toContain("the signature is not by whom is trusted, or not for this image")
    expect(wrong.code).toBe(26)
  })

  test("a signature that is moved from it to another image does not count there", async () => {
    const word = (from: string, to: string) => edit(folder, "slipway.yaml", (text) => text.replace(from, to))
    word("hello", "other")
    const push = ["push", "--registry", `${HOST}/team`]
    const unsigned = (await images(push, PASSWORD, "another")).said.trim()
    word("other", "hello")
    expect(unsigned).not.toBe(image)
    const tag = (name: string) => name.replace("@sha256:", ":sha256-")
    const move = `regctl manifest get --format raw-body ${tag(image)} >/tmp/index; regctl manifest put -t application/vnd.oci.image.index.v1+json ${tag(unsigned)} </tmp/index`
    expect((await registry.run(move)).code).toBe(0)
    const moved = await verify(unsigned)
    expect(moved.said).toMatch(/signature/)
    expect(moved.code).toBe(26)
  })

  test("it is promoted with its signature and its digest, and one that does not verify is not", async () => {
    const promote = (by: string) =>
      images(["promote", "--image", image, "--to", `${HOST}/production/small`, "--key", by])
    expect((await promote(other)).code).toBe(26)
    const promoted = await promote(key)
    expect(promoted.said.trim()).toBe(image.replace("/team/", "/production/"))
    expect((await verify(promoted.said.trim())).code).toBe(0)
  })

  test("retention deletes what nothing keeps, when it is to be applied", async () => {
    const retain = (...words: string[]) => images(["retain", "--repository", `${HOST}/team/small`, ...words])
    edit(folder, "slipway.yaml", (text) =>
      text.replace("{ platforms", "{ retain: { keep: 0, days: 0 }, platforms"),
    )
    expect((await retain("--apply")).said).toContain("(signed)")
    edit(folder, "slipway.yaml", (text) => text.replace("days: 0", "days: 0, signed: false"))
    const promoted = await retain("--apply", "--promoted-to", `${HOST}/production/small`)
    expect(promoted.said).toContain("(promoted)")
    expect(promoted.said).toContain("1 stay, 1 deleted")
    expect((await retain()).said).toContain("0 stay, 1 would go")
    expect((await verify(image)).code).toBe(0)
    const applied = await retain("--apply")
    expect(applied.said).toContain("0 stay, 1 deleted")
    expect((await verify(image)).code).toBe(28)
    expect((await verify(image.replace("/team/", "/production/"))).code).toBe(0)
  })
})

/** The public key of somebody else. */
function otherKey(): string {
  const folder = temporary("key")
  const { publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" })
  write(folder, { "other.pub": publicKey.export({ type: "spki", format: "pem" }).toString() })
  return path.join(folder, "other.pub")
}
