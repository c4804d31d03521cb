import type { Secret } from "@dagger.io/dagger"
import { utc } from "../formats/figures.js"
import { isRecord, parseJson } from "../formats/json.js"
import { Fault } from "./fault.js"

/** A JSON Web Token: header, claims and signature, each in base64url. An unsigned one has no signature. */
const FORM = /^[\w-]+\.([\w-]+)\.[\w-]*$/

/** Returns why a text is no identity token that anybody would accept; null for one that may be. Its signature is not checked. */
export function tokenProblem(text: string, now: number): string | null {
  const [, part] = FORM.exec(text.trim()) ?? []
  const claims = part === undefined ? null : parseJson(Buffer.from(part, "base64url").toString())
  if (!isRecord(claims)) return "not a JSON Web Token"
  const { exp } = claims
  return typeof exp === "number" && exp * 1000 <= now ? `expired at ${utc(exp * 1000)}` : null
}

/**
 * Refuses an identity token before it is used: a job whose request failed passes `null` or a page of HTML.
 *
 * @param option the option that passes it, for the message, which does not show the token.
 * @throws {Fault} `token`
 */
export async function assertIdentityToken(token: Secret, option: string): Promise<void> {
  const problem = tokenProblem(await token.plaintext(), Date.now())
  if (problem === null) return
  throw new Fault("token", {
    what: `\`${option}\`: ${problem}`,
    where: null,
    fix: "request a token of the CI vendor in this job: its permission may be missing (GitHub: `id-token: write`)",
  })
}
