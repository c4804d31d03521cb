import * as path from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { COSIGN, REGCTL } from "../../ci/src/image/registry.js"
import { NO_CONTEXT } from "../../ci/src/run/context.js"
import { evidenceOf, HOST, makeKeys, PASSWORD, registryOf } from "../engine/registry.js"
import { app, built, commitAll, nothingBut, report, temporary, write } from "../engine/support.js"
import { buildSigstore, startSigstore, type TeamSigstore } from "./sigstore.js"

built(COSIGN, REGCTL)

const SIGNS = "ci@example.org"
const FOLDER = "deploy/sigstore"
const KEY_PASSWORD = "a password of the key"
const DOCKERFILE = "FROM debian:bookworm-slim\nUSER 1000\n"
const CONFIG = `image: { sigstore: ${FOLDER} }
environments:
  staging:
    account: "111111111111"
    region: eu-central-1
    cluster: small
    role: deploy
    state: { bucket: small-state }
    services: [{ name: small, container: small, image: small }]
`

/** What a trusted root holds, as far as it is changed here. */
interface Root {
  readonly tlogs: readonly object[]
}

describe("with a Sigstore of the team's own, an image", () => {
  const folder = app({ Dockerfile: DOCKERFILE, "slipway.yaml": `${CONFIG}${nothingBut("image")}` })
  const commit = commitAll(folder)
  const keys = temporary("keys")
  let evidence = ""
  const registry = registryOf(`slipway-keyless-${Date.now()}`)
  const options = [
    ...["--registry-password", "env://REGISTRY_PASSWORD", "--run", JSON.stringify({ commit })],
    ...["--signing-key", `file://${keys}/cosign.key`, "--signing-password", "env://KEY_PASSWORD"],
  ]
  let sigstore: TeamSigstore
  let image = ""

  beforeAll(async () => {
    Object.assign(process.env, { REGISTRY_PASSWORD: PASSWORD, KEY_PASSWORD })
    sigstore = await startSigstore(buildSigstore())
    trust(sigstore.files)
    await makeKeys(keys, KEY_PASSWORD)
    const pushed = await call("push", "--registry", `${HOST}/team`)
    expect(pushed.code, pushed.said).toBe(0)
    image = pushed.said.trim()
    const { record } = await report(folder, "--run", JSON.stringify({ commit }))
    const builds = record.stages.flatMap(({ contents = [] }) => contents)
    evidence = evidenceOf({ context: { ...NO_CONTEXT, commit } }, builds)
  }, 20 * 60_000)
  afterAll(() => sigstore?.close())

  const trust = (files: TeamSigstore["files"]) => write(path.join(folder, FOLDER), files)
  const call = (...words: readonly string[]) => registry.call(folder, options, words)
  const sign = (...by: readonly string[]) => call("sign", "--images", image, "--evidence", evidence, ...by)
  const signAs = (token: string) => {
    process.env.IDENTITY_TOKEN = token
    return sign("--identity-token", "env://IDENTITY_TOKEN")
  }
  const by = (identity = SIGNS, issuer = sigstore.issuer.url) => ["--identity", identity, "--issuer", issuer]
  const verify = (who = by()) => call("verify", "--images", image, ...who)

  test.each([
    ["forged", () => sigstore.issuer.forged(SIGNS)],
    ["expired", () => sigstore.issuer.token(SIGNS, { iat: 0, exp: 1 })],
  ])("is not signed with a token that is %s", async (_, make) => {
    const token = make()
    const { code, said, stderr } = await signAs(token)
    expect(said).toContain("Sigstore's certificate authority refuses the identity token")
    expect(code).toBe(19)
    expect(stderr).not.toContain(token)
  })

  test("does not verify by an identity where a key alone signed it", async () => {
    const signed = await sign()
    expect(signed.code, signed.said).toBe(0)
    const { code, said } = await verify()
    expect(said).toContain("not signed by a trusted signer, or signed for another image")
    expect(code).toBe(26)
  })

  test("verifies by the identity that signed it, and is promoted and deployed by it", async () => {
    const token = sigstore.issuer.token(SIGNS)
    const signed = await signAs(token)
    expect(signed.code, signed.said).toBe(0)
    expect(signed.stderr).not.toContain(token)
    const verified = await verify()
    expect(verified.said).toContain(`verified: built from ${commit}`)
    expect(verified.code).toBe(0)
    const promoted = await call("promote", "--image", image, "--to", `${HOST}/production/small`, ...by())
    expect(promoted.said.trim()).toBe(image.replace("/team/", "/production/"))
    const staging = ["rehearse", "--env", "staging", "--images", image, ...by()]
    const deployed = await registry.callModule(folder, options, staging)
    expect(deployed.stderr).toContain("✓ verify")
    expect(deployed.said).toMatch(/^SUCCEEDED +staging/)
  })

  test.each([
    ["another identity", () => by("eve@example.org")],
    ["another issuer", () => by(SIGNS, "https://accounts.example.org")],
  ])("does not verify by %s", async (_, who) => {
    const { code, said } = await verify(who())
    expect(said).toContain("not signed by a trusted signer, or signed for another image")
    expect(code).toBe(26)
  })

  test.each([
    ["no log of signatures", /log entries/, (root: Root) => ({ ...root, tlogs: [] })],
    ["a log of certificates that it is not in", /SCT/, (root: Root) => ({ ...root, ctlogs: root.tlogs })],
  ])("does not verify by a trusted root that names %s", async (_, why, change) => {
    const root: Root = JSON.parse(sigstore.files["trusted_root.json"])
    trust({ ...sigstore.files, "trusted_root.json": JSON.stringify(change(root)) })
    const { code, said } = await verify()
    expect(said).toMatch(why)
    expect(code).toBe(26)
  })
})
