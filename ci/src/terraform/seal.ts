/**
 * Encrypts what must not be read where it lies: AES-256-GCM, by a key that scrypt makes of the caller's. Runs in the
 * module and, as it stands, in containers: it imports nothing but Node.js's own.
 */
import { createCipheriv, createDecipheriv, randomBytes, scryptSync } from "node:crypto"

/** The sealed text or the key is wrong: encryption cannot tell which. */
export class Unsealable extends Error {}

/** Fewest characters of a key: `openssl rand -base64 32` has 44. */
export const SHORTEST_KEY = 16

const FORMAT = "slipway-sealed-1"
/** What scrypt costs: about 50 ms, and 32 MiB. */
const COST = { N: 2 ** 15, r: 8, p: 1, maxmem: 2 ** 26 }

/** Encrypts a text; the result is one of lines of 76 characters. */
export function seal(text: string, key: string): string {
  const [salt, nonce] = [randomBytes(16), randomBytes(12)]
  const cipher = createCipheriv("aes-256-gcm", scryptSync(key, salt, 32, COST), nonce)
  cipher.setAAD(Buffer.from(FORMAT))
  const data = Buffer.concat([cipher.update(text, "utf8"), cipher.final()])
  const whole = Buffer.concat([salt, nonce, cipher.getAuthTag(), data]).toString("base64")
  return `${FORMAT}\n${whole.replace(/.{76}/g, "$&\n")}\n`
}

/** Decrypts a text. @throws {Unsealable} for a wrong key or a changed text. */
export function unseal(sealed: string, key: string): string {
  const [format, ...lines] = sealed.split("\n")
  const whole = Buffer.from(lines.join(""), "base64")
  if (format !== FORMAT || whole.length < 44) throw new Unsealable("not a sealed file of Slipway")
  const part = (from: number, to?: number) => whole.subarray(from, to)
  const decipher = createDecipheriv("aes-256-gcm", scryptSync(key, part(0, 16), 32, COST), part(16, 28))
  decipher.setAAD(Buffer.from(FORMAT))
  decipher.setAuthTag(part(28, 44))
  try {
    return Buffer.concat([decipher.update(part(44)), decipher.final()]).toString("utf8")
  } catch {
    throw new Unsealable("wrong key, or the file was changed")
  }
}
