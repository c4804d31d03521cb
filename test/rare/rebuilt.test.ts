import * as fs from "node:fs"
import * as path from "node:path"
import { expect, test } from "vitest"
import { COSIGN, REGCTL } from "../../ci/src/image/registry.js"
import { TRIVY } from "../../ci/src/tools/trivy.js"
import { COMMIT, HOST, makeKeys, PASSWORD, registryOf } from "../engine/registry.js"
import { app, built, edit, nothingBut, report, temporary } from "../engine/support.js"
import { trivyDatabase } from "./databases.js"

built(TRIVY, COSIGN, REGCTL)

const DOCKERFILE = `FROM debian:bookworm-slim
ARG WORD=none
RUN echo "$WORD" >/word
USER 1000
`
const CONFIG = `${nothingBut("image", "sbom", "image-scan")}image: { platforms: [linux/amd64], workspaces: { small: { args: { WORD: first } } } }
security: { databases: { trivy: { folder: database } } }
`
const MENDED = { cve: "CVE-2099-0001", ghsa: "GHSA-aaaa-bbbb-cccc", package: "left-pad", fixed: "1.0.0" }

test("a second build of a commit is signed once it was checked as it was pushed", async () => {
  const folder = app({ Dockerfile: DOCKERFILE, "slipway.yaml": CONFIG })
  trivyDatabase(path.join(folder, "database"), MENDED, new Date())
  const keys = temporary("keys")
  await makeKeys(keys, "a password of the key")
  Object.assign(process.env, { REGISTRY_PASSWORD: PASSWORD, KEY_PASSWORD: "a password of the key" })
  const registry = registryOf(`slipway-rebuilt-${Date.now()}`)
  const options = [
    ...["--run", JSON.stringify({ commit: COMMIT }), "--registry-password", "env://REGISTRY_PASSWORD"],
    ...["--signing-key", `file://${keys}/cosign.key`, "--signing-password", "env://KEY_PASSWORD"],
  ]
  const call = (...words: readonly string[]) => registry.call(folder, options, words)
  const push = async () => (await call("push", "--registry", `${HOST}/team`)).said.trim()
  const sign = (image: string) => call("sign", "--images", image, "--evidence", evidence)
  const verify = (image: string) => call("verify", "--images", image, "--key", `${keys}/cosign.pub`)
  const check = (image: string) =>
    registry.call(
      folder,
      options,
      ["check", "--images", image, "--evidence", evidence],
      `| export ${evidence}/pushed`,
    )

  const { record, folder: evidence } = await report(folder, "--run", JSON.stringify({ commit: COMMIT }))
  expect(record.verdict, JSON.stringify(record.stages.map(({ summary }) => summary))).toBe("passed")
  const first = await push()
  const same = await sign(first)
  expect(same.code, same.said).toBe(0)

  edit(folder, "slipway.yaml", (text) => text.replace("first", "second"))
  const second = await push()
  expect(second).not.toBe(first)
  const refused = await sign(second)
  expect(refused.said).toMatch(/not the build that was checked: sbom and scan:image of small/)
  expect(refused.code).toBe(27)

  const checked = await check(second)
  expect(checked.code, checked.said).toBe(0)
  const { stages } = JSON.parse(fs.readFileSync(path.join(evidence, "pushed/result.json"), "utf8"))
  expect(stages).toMatchObject(
    ["sbom:small", "scan:image"].map((name) => ({ name, verdict: "passed", contents: [{ image: "small" }] })),
  )
  const signed = await sign(second)
  expect(signed.code, signed.said).toBe(0)
  const verified = await verify(second)
  expect(verified.said).toContain(`verified: built from ${COMMIT}`)

  edit(evidence, "pushed/sbom/small.cdx.json", (text) => text.replace('"debian"', '"debien"'))
  const tampered = await sign(second)
  expect(tampered.said).toMatch(/pushed\/sbom\/small\.cdx\.json.* the evidence was changed/s)
  expect(tampered.code).toBe(27)
})
