/**
 * Verifies signatures of SSH keys, as `ssh-keygen -Y sign` makes them.
 *
 * @see https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.sshsig
 * @see https://www.rfc-editor.org/rfc/rfc4253#section-6.6
 */
import { createHash, createPublicKey, type KeyObject, verify } from "node:crypto"

const MAGIC = "SSHSIG"
const ARMOR = /^\s*-----BEGIN SSH SIGNATURE-----\s+([A-Za-z0-9+/=\s]+)-----END SSH SIGNATURE-----\s*$/
/** Bits of the shortest RSA key that is accepted. */
const RSA_BITS = 2048
/** The flag of a security key that was touched: https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.u2f */
const TOUCHED = 0x01

/** Reads the fields of SSH's wire format. @throws if they are cut off. */
function reader(bytes: Buffer) {
  let at = 0
  const take = (length: number): Buffer => {
    if (at + length > bytes.length) throw new Error("cut off")
    at += length
    return bytes.subarray(at - length, at)
  }
  const uint32 = () => take(4).readUInt32BE()
  return { take, uint32, field: () => take(uint32()), text: () => take(uint32()).toString("latin1") }
}

const field = (bytes: Buffer | string): Buffer => {
  const content = Buffer.from(bytes)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(content.length)
  return Buffer.concat([length, content])
}

const url = (bytes: Buffer): string => bytes.toString("base64url")
const jwk = (key: Record<string, string>): KeyObject => createPublicKey({ format: "jwk", key })

/** A public key, and what it needs to verify. */
interface PublicKey {
  readonly key: KeyObject
  /** Names of signatures that it makes, with their hashes; null: the key's own. */
  readonly algorithms: Readonly<Record<string, string | null>>
  /** Bytes of a coordinate, for signatures of two numbers. */
  readonly coordinate: number | null
  /** Of a security key: the application that it signs for. */
  readonly application: string | null
}

const CURVES: Readonly<
  Record<string, { readonly crv: string; readonly bytes: number; readonly hash: string }>
> = {
  nistp256: { crv: "P-256", bytes: 32, hash: "sha256" },
  nistp384: { crv: "P-384", bytes: 48, hash: "sha384" },
  nistp521: { crv: "P-521", bytes: 66, hash: "sha512" },
}

type Fields = ReturnType<typeof reader>

const ed25519 = (fields: Fields) => jwk({ kty: "OKP", crv: "Ed25519", x: url(fields.field()) })

function ecdsa(fields: Fields): { readonly key: KeyObject; readonly bytes: number; readonly hash: string } {
  const curve = CURVES[fields.text()]
  const point = fields.field()
  if (!curve || point[0] !== 4 || point.length !== 1 + 2 * curve.bytes) throw new Error("unknown curve")
  const [x, y] = [point.subarray(1, 1 + curve.bytes), point.subarray(1 + curve.bytes)]
  return { key: jwk({ kty: "EC", crv: curve.crv, x: url(x), y: url(y) }), ...curve }
}

function rsa(fields: Fields): KeyObject {
  const [e, n] = [fields.field(), fields.field()]
  const key = jwk({ kty: "RSA", e: url(e), n: url(n[0] === 0 ? n.subarray(1) : n) })
  if ((key.asymmetricKeyDetails?.modulusLength ?? 0) < RSA_BITS) throw new Error("RSA key too short")
  return key
}

/** Readers of public keys, by type. */
const KEYS: Readonly<Record<string, (fields: Fields, type: string) => PublicKey>> = {
  "ssh-ed25519": (fields, type) => ({
    key: ed25519(fields),
    algorithms: { [type]: null },
    coordinate: null,
    application: null,
  }),
  "sk-ssh-ed25519@openssh.com": (fields, type) => ({
    key: ed25519(fields),
    algorithms: { [type]: null },
    coordinate: null,
    application: fields.text(),
  }),
  "ssh-rsa": (fields) => ({
    key: rsa(fields),
    algorithms: { "rsa-sha2-256": "sha256", "rsa-sha2-512": "sha512" },
    coordinate: null,
    application: null,
  }),
  ...Object.fromEntries(
    Object.keys(CURVES).map((curve) => [
      `ecdsa-sha2-${curve}`,
      (fields: Fields, type: string): PublicKey => {
        const { key, bytes, hash } = ecdsa(fields)
        return { key, algorithms: { [type]: hash }, coordinate: bytes, application: null }
      },
    ]),
  ),
  "sk-ecdsa-sha2-nistp256@openssh.com": (fields, type) => {
    const { key, bytes, hash } = ecdsa(fields)
    return { key, algorithms: { [type]: hash }, coordinate: bytes, application: fields.text() }
  },
}

function readKey(blob: Buffer): PublicKey {
  const fields = reader(blob)
  const type = fields.text()
  const read = Object.hasOwn(KEYS, type) ? KEYS[type] : undefined
  if (!read) throw new Error(`unknown type of key: ${type}`)
  return read(fields, type)
}

/** Turns the two numbers of a signature into as many bytes as the curve has. */
function numbers(signature: Buffer, bytes: number): Buffer {
  const fields = reader(signature)
  const padded = [fields.field(), fields.field()].map((number) => {
    const digits = number[0] === 0 ? number.subarray(1) : number
    if (digits.length > bytes) throw new Error("number too long")
    return Buffer.concat([Buffer.alloc(bytes - digits.length), digits])
  })
  return Buffer.concat(padded)
}

/** Returns what a security key signs for a text: https://www.w3.org/TR/webauthn-2/#sctn-op-get-assertion */
function pressed(application: string, text: Buffer, fields: Fields): Buffer {
  const sha256 = (bytes: Buffer | string) => createHash("sha256").update(bytes).digest()
  const rest = fields.take(5)
  if ((rest[0] ?? 0) % (2 * TOUCHED) < TOUCHED) throw new Error("the security key was not touched")
  return Buffer.concat([sha256(application), rest, sha256(text)])
}

function isSignedBy(blob: Buffer, signature: Buffer, text: Buffer): boolean {
  const { key, algorithms, coordinate, application } = readKey(blob)
  const fields = reader(signature)
  const algorithm = fields.text()
  if (!Object.hasOwn(algorithms, algorithm)) return false
  const body = fields.field()
  const signed = application === null ? text : pressed(application, text, fields)
  const hash = algorithms[algorithm] ?? null
  if (coordinate === null) return verify(hash, signed, key, body)
  return verify(hash, signed, { key, dsaEncoding: "ieee-p1363" }, numbers(body, coordinate))
}

/**
 * Verifies a signature of a text.
 *
 * @param armored the signature as `ssh-keygen` writes it.
 * @returns the public key that made it, as `type base64`; null: it does not verify.
 */
export function signerOf(text: string, armored: string, namespace: string): string | null {
  try {
    const [, body = ""] = ARMOR.exec(armored) ?? []
    const fields = reader(Buffer.from(body, "base64"))
    if (fields.take(MAGIC.length).toString() !== MAGIC || fields.uint32() !== 1) return null
    const blob = fields.field()
    const space = fields.text()
    const reserved = fields.field()
    const hash = fields.text()
    const signature = fields.field()
    if (space !== namespace || (hash !== "sha256" && hash !== "sha512")) return null
    const digest = createHash(hash).update(text).digest()
    const signed = Buffer.concat([
      ...[Buffer.from(MAGIC), field(space), field(reserved), field(hash), field(digest)],
    ])
    if (!isSignedBy(blob, signature, signed)) return null
    return `${reader(blob).text()} ${blob.toString("base64")}`
  } catch {
    // A text that is no signature verifies nothing.
    return null
  }
}
