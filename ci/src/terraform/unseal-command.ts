import { Fault } from "../run/fault.js"
import type { Secrets } from "../run/request.js"
import { keyOf } from "./plan-command.js"
import { Unsealable, unseal } from "./seal.js"

/** Opens a sealed text with the caller's key. @throws {Fault} `token` for a wrong key. */
export async function opened({ planKey }: Secrets, sealed: string): Promise<string> {
  const key = await keyOf(planKey)
  try {
    return unseal(sealed, key)
  } catch (error) {
    if (!(error instanceof Unsealable)) throw error
    throw new Fault("token", {
      what: `cannot unseal the file: ${error.message}`,
      where: null,
      fix: "pass the `--plan-key` that it was sealed with",
    })
  }
}
