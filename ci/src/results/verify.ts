import { canonicalJson } from "../formats/canonical.js"
import { isRecord, parseJson } from "../formats/json.js"
import { signerOf } from "../formats/ssh.js"
import { type Stored, storedSchema } from "../run/stored.js"

/** The namespace of the signatures (`ssh-keygen -Y sign -n …`): an approval signed by the same key is no result. */
export const NAMESPACE = "slipway-result"

/** Returns the exact text that is signed. */
export const signedText = (record: unknown): string => canonicalJson(record)

/** Returns the text of a record's file. */
export const fileText = (record: unknown, signature: string): string =>
  `${JSON.stringify({ record, signature })}\n`

/** A record's file that was read: the record, or why it is not used. */
export type Read = { readonly record: Stored } | { readonly reason: string }

/** What a record must match. */
export interface Wanted {
  readonly key: string
  readonly stage: string
  /** Public keys of SSH whose signatures count. */
  readonly signers: readonly string[]
}

/** A key as `type base64`, without its comment. */
const bare = (key: string): string => key.split(" ").slice(0, 2).join(" ")

/** Reads and verifies records. Built once a run: building a schema is slow. */
export function verifier(): (text: string, wanted: Wanted) => Read {
  const schema = storedSchema()
  return (text, { key, stage, signers }) => {
    const file = parseJson(text)
    if (!isRecord(file) || typeof file.signature !== "string") return { reason: "cut off, or no record" }
    const signer = signerOf(signedText(file.record), file.signature, NAMESPACE)
    if (signer === null)
      return { reason: "its signature does not verify: it was changed after it was signed" }
    if (!signers.map(bare).includes(signer))
      return { reason: "signed with a key that `results.signers` does not have" }
    const read = schema.safeParse(file.record, { jitless: true })
    if (!read.success) return { reason: "its format is not the one that this Slipway reads" }
    if (read.data.key !== key || read.data.stage !== stage)
      return { reason: `it is of another stage or other inputs: ${read.data.stage}` }
    return { record: read.data }
  }
}
