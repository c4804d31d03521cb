/** People with keys of their own, made up for a rehearsal: they approve as real ones do. */
import { createHash, generateKeyPairSync, sign } from "node:crypto"
import { parseJson, recordOf } from "../formats/json.js"
import { type Pinned, pinnedName } from "../image/reference.js"
import { NAMESPACE, statementText } from "./environment/statement.js"

/** What a person approves, as the deployer's schema has it. */
export interface Approval {
  readonly environment: string
  readonly commit: string
  readonly images: string[]
  readonly at: string
}

/** An approval with its signature, as `--approvals` takes it. */
export interface SignedApproval {
  readonly approval: Approval
  readonly signature: string
}

/** Someone who can sign. */
export interface Signatory {
  /** Their public key, as SSH writes it. */
  readonly key: string
  readonly approve: (approval: Approval) => SignedApproval
}

const field = (content: Buffer | string): Buffer => {
  const bytes = Buffer.from(content)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}

const TYPE = "ssh-ed25519"
const MAGIC = Buffer.from("SSHSIG")
const VERSION = Buffer.from([0, 0, 0, 1])

/**
 * Returns someone with a new key, who signs as `ssh-keygen -Y sign` does.
 *
 * @see https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.sshsig
 */
export function signatory(): Signatory {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519")
  const point = Buffer.from(publicKey.export({ format: "jwk" }).x ?? "", "base64url")
  const blob = Buffer.concat([field(TYPE), field(point)])
  return {
    key: `${TYPE} ${blob.toString("base64")}`,
    approve: (approval) => {
      const digest = createHash("sha512").update(statementText(approval)).digest()
      const about = [field(NAMESPACE), field(""), field("sha512")]
      const made = sign(null, Buffer.concat([MAGIC, ...about, field(digest)]), privateKey)
      const signature = field(Buffer.concat([field(TYPE), field(made)]))
      return {
        approval,
        signature: armored(Buffer.concat([MAGIC, VERSION, field(blob), ...about, signature])),
      }
    },
  }
}

const armored = (bytes: Buffer): string => {
  const lines = bytes.toString("base64").match(/.{1,70}/g) ?? []
  return ["-----BEGIN SSH SIGNATURE-----", ...lines, "-----END SSH SIGNATURE-----", ""].join("\n")
}

/** People that production requires unless slipway.yaml says more. */
const PEOPLE = 2

/** When a simulator's clock starts: now, unless the scenario says otherwise. */
function startOf(scenario: string): string {
  const { start } = recordOf(recordOf(parseJson(scenario)).clock)
  return typeof start === "string" && !Number.isNaN(Date.parse(start)) ? start : new Date().toISOString()
}

/** What a rehearsal deploys. */
interface Rehearsed {
  readonly environment: string
  readonly commit: string
  readonly images: readonly Pinned[]
  /** How many people must approve, as slipway.yaml has it. */
  readonly required: unknown
  /** A scenario of the simulator: its name, or JSON. */
  readonly scenario: string
}

/** Returns approvals of made-up people, and what of an environment's `approvals` makes theirs count. */
export function madeUpApprovals({ environment, commit, images, required, scenario }: Rehearsed): {
  readonly approvals: string
  readonly approvers: object
} {
  const approval = { environment, commit, images: images.map(pinnedName), at: startOf(scenario) }
  const count = typeof required === "number" ? Math.max(required, PEOPLE) : PEOPLE
  const people = Array.from({ length: count }, (_, index) => ({
    ...signatory(),
    name: `rehearsal-${index + 1}@slipway.invalid`,
  }))
  return {
    approvals: JSON.stringify(people.map(({ approve }) => approve(approval))),
    approvers: {
      people: null,
      vendor: null,
      identities: Object.fromEntries(people.map(({ name, key }) => [name, { also: [], keys: [key] }])),
    },
  }
}
