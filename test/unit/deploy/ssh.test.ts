import { createHash, generateKeyPairSync, sign } from "node:crypto"
import { describe, expect, test } from "vitest"
import { NAMESPACE, statementText } from "../../../ci/src/deploy/environment/statement.js"
import { signatory } from "../../../ci/src/deploy/made-up-people.js"
import { signerOf } from "../../../modules/deploy/program/core/approvals/ssh.ts"
import { keyPart } from "../../../modules/deploy/program/environment/people.ts"
import { sample } from "../testdata.js"

interface Made {
  readonly name: string
  readonly key: string
  readonly signature: string
}

/** What ssh-keygen made of one text: keys of each type, and their signatures. */
const { text, signatures }: { text: string; signatures: readonly Made[] } = JSON.parse(
  sample("ssh/signatures.json"),
)
const made = (name: string): Made => {
  const found = signatures.find((one) => one.name === name)
  if (!found) throw new Error(`no signature ${name}`)
  return found
}

describe("a signature that ssh-keygen made", () => {
  test.each([
    "ed25519",
    "ecdsa256",
    "ecdsa384",
    "ecdsa521",
    "rsa3072",
    "ed25519 over sha256",
  ])("verifies, and names its key: %s", (name) =>
    expect(signerOf(text, made(name).signature, NAMESPACE)).toBe(keyPart(made(name).key)))

  test.each([
    ["of a short RSA key", made("rsa1024").signature, text],
    ["for another purpose", made("git").signature, text],
    ["of another text", made("ed25519").signature, text.replace("production", "staging")],
    ["of a text with a blank more", made("ecdsa256").signature, `${text} `],
    ["without its end", made("rsa3072").signature.slice(0, -60), text],
    ["in another armor", made("ed25519").signature.replaceAll("SSH SIGNATURE", "SIGNATURE"), text],
    ["that is empty", "", text],
  ])("does not verify %s", (_what, signature, of) => expect(signerOf(of, signature, NAMESPACE)).toBeNull())

  test("does not verify with any of its bits turned", () => {
    const { signature } = made("ed25519")
    const body = Buffer.from(signature.split("\n").slice(1, -2).join(""), "base64")
    const turned = (at: number) => {
      const bytes = Buffer.from(body)
      bytes[at] = (bytes[at] ?? 0) ^ 1
      return `-----BEGIN SSH SIGNATURE-----\n${bytes.toString("base64")}\n-----END SSH SIGNATURE-----\n`
    }
    const own = keyPart(made("ed25519").key)
    for (let at = 0; at < body.length; at += 1) expect(signerOf(text, turned(at), NAMESPACE)).not.toBe(own)
  })
})

test("a made-up person signs as ssh-keygen does", () => {
  const { key, approve } = signatory()
  const { approval, signature } = approve({ environment: "a", commit: "b", images: ["z", "y"], at: "c" })
  expect(signerOf(statementText(approval), signature, NAMESPACE)).toBe(key)
  expect(statementText({ ...approval, images: ["y", "z"] })).toBe(statementText(approval))
})

describe("a security key", () => {
  const field = (content: Buffer | string): Buffer => {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(Buffer.byteLength(content))
    return Buffer.concat([length, Buffer.from(content)])
  }
  const sha256 = (content: Buffer | string) => createHash("sha256").update(content).digest()
  const TYPE = "sk-ssh-ed25519@openssh.com"
  const { publicKey, privateKey } = generateKeyPairSync("ed25519")
  const point = Buffer.from(publicKey.export({ format: "jwk" }).x ?? "", "base64url")
  const blob = Buffer.concat([field(TYPE), field(point), field("ssh:")])

  const signed = (flags: number): string => {
    const about = [field("slipway"), field(""), field("sha256")]
    const message = Buffer.concat([Buffer.from("SSHSIG"), ...about, field(sha256("text"))])
    const rest = Buffer.from([flags, 0, 0, 0, 9])
    const bytes = sign(null, Buffer.concat([sha256("ssh:"), rest, sha256(message)]), privateKey)
    const body = Buffer.concat([
      ...[Buffer.from("SSHSIG"), Buffer.from([0, 0, 0, 1]), field(blob), ...about],
      field(Buffer.concat([field(TYPE), field(bytes), rest])),
    ])
    return `-----BEGIN SSH SIGNATURE-----\n${body.toString("base64")}\n-----END SSH SIGNATURE-----`
  }

  test("verifies when it was touched, and not otherwise", () => {
    expect(signerOf("text", signed(1), NAMESPACE)).toBe(`${TYPE} ${blob.toString("base64")}`)
    expect(signerOf("text", signed(0), NAMESPACE)).toBeNull()
  })
})
