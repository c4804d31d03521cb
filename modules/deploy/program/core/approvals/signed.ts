/** Reads approvals that people signed. */

import type { Person } from "../../environment/people.ts"
import { NAMESPACE, statementText } from "../../environment/statement.ts"
import type { Request } from "../request.ts"
import type { Claim } from "./count.ts"
import { signerOf } from "./ssh.ts"

type Given = Request["approvals"][number]

/** Approvals of a list, and why others of it are not believed. */
export interface Read {
  readonly claims: readonly Claim[]
  readonly refused: readonly string[]
}

const UNSIGNED =
  "a name without a signature does not count. Sign with `slipway approve`, or name the vendor under `approvals.vendor`"

function read(given: Given, known: readonly Person[]): Claim | string {
  if ("by" in given) return `${given.by}: ${UNSIGNED}`
  const { approval, signature } = given
  const key = signerOf(statementText(approval), signature, NAMESPACE)
  if (key === null) return `an approval of ${approval.at}: its signature does not verify`
  const person = known.find(({ keys }) => keys.includes(key))
  if (!person)
    return `an approval of ${approval.at}: signed with a key that \`approvals.identities\` does not have`
  const { environment, commit, images, at } = approval
  return { by: person.name, at: Date.parse(at), commit, environment, images, source: "signature", url: null }
}

/** Verifies the signature of each approval. */
export function signedClaims(approvals: readonly Given[], known: readonly Person[]): Read {
  const all = approvals.map((given) => read(given, known))
  return {
    claims: all.filter((one) => typeof one !== "string"),
    refused: all.filter((one) => typeof one === "string"),
  }
}
