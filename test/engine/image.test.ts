import { createServer } from "node:http"
import * as path from "node:path"
import { describe, expect, test } from "vitest"
import { NO_CONTEXT } from "../../ci/src/run/context.js"
import type { Content } from "../../ci/src/run/result.js"
import { notRun } from "../../ci/src/run/run.js"
import { listen } from "./network.js"
import { COMMIT, evidenceOf, HOST, PASSWORD, registryOf } from "./registry.js"
import { app, call, edit, nothingBut, report, write } from "./support.js"
import { advisoriesOf, lock, MANIFEST } from "./vulnerable.js"

const DOCKERFILE = `FROM debian:bookworm-slim AS base
ARG WORD=none
RUN echo "$WORD" >/word
FROM base AS extra
RUN exit 1
FROM base
USER 1000
CMD ["cat", "/word"]
`
/** Compiled for each platform on the engine's own. */
const CROSS = `FROM --platform=$BUILDPLATFORM debian:bookworm-slim AS build
ARG TARGETARCH
RUN echo "$TARGETARCH" >/arch
FROM scratch
COPY --from=build /arch /
ENV PORT=8080
EXPOSE 8080
USER 1000
ENTRYPOINT ["/app"]
CMD ["serve"]
`
const CONFIG = "image: { platforms: [linux/amd64], workspaces: { small: { args: { WORD: hello } } } }\n"

/** What the check of the small app built. */
let builds: readonly Content[] = []

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
  const folder = app({ Dockerfile: DOCKERFILE, "slipway.yaml": `${CONFIG}${nothingBut("image")}` })
  const registry = registryOf(`slipway-test-${Date.now()}`)
  let image = ""

  const images = (words: readonly string[], password = PASSWORD, then = "") => {
    // What it holds is not looked at: what the evidence says is refused first.
    Object.assign(process.env, { REGISTRY_PASSWORD: password, KEY: "a key" })
    const secrets = ["--registry-password", "env://REGISTRY_PASSWORD", "--signing-key", "env://KEY"]
    return registry.call(folder, ["--run", JSON.stringify({ commit: COMMIT }), ...secrets], words, then)
  }

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

  test("it has the layers that the check built", async () => {
    const { record } = await report(folder, "--run", JSON.stringify({ commit: COMMIT }))
    builds = record.stages.flatMap(({ contents = [] }) => contents)
    expect(builds).toMatchObject([{ image: "small", platform: "linux/amd64" }])
    const evidence = evidenceOf({}, builds)
    const left = await images(["check", "--images", image, "--evidence", evidence], PASSWORD, "| entries")
    expect([left.code, left.said.trim()]).toEqual([0, ""])
  })

  test("for two platforms it is one name, and each is checked by the layers that were built for it", async () => {
    const both = app({
      Dockerfile: CROSS,
      "slipway.yaml": `image: { platforms: [linux/amd64, linux/arm64] }\n${nothingBut("image")}`,
    })
    const run = ["--run", JSON.stringify({ commit: COMMIT })]
    const { record } = await report(both, ...run)
    const call = (words: readonly string[], then = "") =>
      registry.call(both, [...run, "--registry-password", "env://REGISTRY_PASSWORD"], words, then)
    const pushed = (await call(["push", "--registry", `${HOST}/both`])).said.trim()
    const evidence = evidenceOf(
      {},
      record.stages.flatMap(({ contents = [] }) => contents),
    )
    const left = await call(["check", "--images", pushed, "--evidence", evidence], "| entries")
    expect([left.code, left.said.trim()]).toEqual([0, ""])

    const config = "{{.User}} {{.Env}} {{.Entrypoint}} {{.Cmd}} {{.ExposedPorts}}"
    const of = (platform: string) =>
      `regctl image get-file --platform ${platform} ${pushed} /arch; regctl image config --platform ${platform} --format '{{with .Config}}${config}{{end}}' ${pushed}; echo`
    const [amd, amdConfig, arm, armConfig] = (
      await registry.run(`${of("linux/amd64")}; ${of("linux/arm64")}`)
    ).said
      .trim()
      .split("\n")
    expect([amd, arm, armConfig]).toEqual(["amd64", "arm64", amdConfig])
    expect(armConfig).toMatch(/^1000 \[.*PORT=8080\] \[\/app\] \[serve\] map\[8080\/tcp/)
  })

  test.each([
    ["is red", () => evidenceOf({ verdict: "failed" }), /the check did not pass/],
    [
      "is of another commit",
      () => evidenceOf({ context: { ...NO_CONTEXT, commit: "other" } }),
      /of commit other/,
    ],
    ["has no bill of materials", () => evidenceOf({}, null), /sbom of small did not look/],
    ["was changed", changed, /evidence was changed: the audit log has another digest/],
  ])("it is not signed with evidence that %s", async (_, evidence, why) => {
    const { code, said } = await images(["sign", "--images", image, "--evidence", evidence()])
    expect(said).toMatch(why)
    expect(code).toBe(27)
  })

  test("another build of its commit is not signed", async () => {
    edit(folder, "slipway.yaml", (text) => text.replace("hello", "other"))
    const evidence = evidenceOf({}, builds)
    const second = (await images(["push", "--registry", `${HOST}/team`])).said.trim()
    const { code, said } = await images(["sign", "--images", second, "--evidence", evidence])
    expect(said).toMatch(/not the build that was checked: sbom of small .* linux\/amd64.*`image check/s)
    expect(code).toBe(27)
  })
})

/** Evidence of the app's own build whose bill of materials is another. */
function changed(): string {
  const folder = evidenceOf({}, builds)
  write(folder, { "sbom/small.cdx.json": { bomFormat: "CycloneDX", specVersion: "1.6" } })
  return folder
}

test("an image whose check found a vulnerable package is not signed", async () => {
  const advisories = createServer(advisoriesOf("ms", "GHSA-aaaa-bbbb-cccc", "2.1.3"))
  const mirror = await listen(advisories)
  const folder = app({
    "package.json": MANIFEST,
    "package-lock.json": lock("2.1.2"),
    Dockerfile: "FROM debian:bookworm-slim\nUSER 1000\n",
    "slipway.yaml": `${nothingBut("dependencies", "image")}security:
  scanners: { dependencies: [npm-audit] }
  databases: { npm-audit: { mirror: "${mirror}" } }
`,
  })
  const options = ["--run", JSON.stringify({ commit: COMMIT })]
  const { record, folder: evidence } = await report(folder, ...options)
  advisories.close()
  expect(record).toMatchObject({ verdict: "failed", exitCode: 22 })

  const registry = registryOf(`slipway-vulnerable-${Date.now()}`)
  const secrets = ["--registry-password", "env://REGISTRY_PASSWORD", "--signing-key", "env://KEY"]
  const call = (...words: readonly string[]) => registry.call(folder, [...options, ...secrets], words)
  Object.assign(process.env, { REGISTRY_PASSWORD: PASSWORD, KEY: "a key" })
  const image = (await call("push", "--registry", `${HOST}/team`)).said.trim()
  const { code, said } = await call("sign", "--images", image, "--evidence", evidence)
  expect(said).toContain("the check did not pass")
  expect(code).toBe(27)
})
