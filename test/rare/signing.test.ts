import { generateKeyPairSync } from "node:crypto"
import * as path from "node:path"
import { beforeAll, describe, expect, test } from "vitest"
import { COSIGN, REGCTL } from "../../ci/src/image/registry.js"
import { COMMIT, evidenceOf, HOST, makeKeys, PASSWORD, registryOf } from "../engine/registry.js"
import { app, built, edit, nothingBut, report, temporary, write } from "../engine/support.js"

built(COSIGN, REGCTL)

const KEY_PASSWORD = "a password of the key"

const DOCKERFILE = `FROM debian:bookworm-slim
ARG WORD=none
RUN echo "$WORD" >/word
USER 1000
CMD ["cat", "/word"]
`
const CONFIG = "image: { platforms: [linux/amd64], workspaces: { small: { args: { WORD: hello } } } }\n"

describe("an image in a registry", () => {
  const folder = app({ Dockerfile: DOCKERFILE, "slipway.yaml": `${CONFIG}${nothingBut("image")}` })
  const keys = temporary("keys")
  const [key, other] = [path.join(keys, "cosign.pub"), otherKey()]
  let evidence = ""
  const registry = registryOf(`slipway-test-${Date.now()}`)
  let image = ""

  beforeAll(async () => {
    await makeKeys(keys, KEY_PASSWORD)
    const pushed = await images(["push", "--registry", `${HOST}/team`])
    expect(pushed.code, pushed.said).toBe(0)
    image = pushed.said.trim()
    evidence = evidenceOf({}, await builds())
  })

  /** What the check builds. */
  const builds = async () => {
    const { record } = await report(folder, "--run", JSON.stringify({ commit: COMMIT }))
    return record.stages.flatMap(({ contents = [] }) => contents)
  }

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

  test("it does not verify before it is signed, nor does one that is not there", async () => {
    const unsigned = await verify(image)
    expect(unsigned.code, unsigned.said).toBe(26)
    const missing = await verify(image.replace(/[0-9a-f]{64}/, "0".repeat(64)))
    expect(missing.said).toContain("the registry has no such image")
    expect(missing.code).toBe(28)
  })

  test("signed, it verifies by that key alone", async () => {
    const signed = await images(["sign", "--images", image, "--evidence", evidence])
    expect(signed.code, signed.said).toBe(0)
    const good = await verify(image)
    expect(good.said).toContain(`verified: built from ${COMMIT}`)
    expect(good.code).toBe(0)
    const wrong = await verify(image, other)
    expect(wrong.said).toContain("not signed by a trusted signer, or signed for another image")
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
