/** The text that an approver signs. This file and its copy are the same. */

/** What a person approves. */
export interface Approval {
  readonly environment: string
  readonly commit: string
  /** References by digest. */
  readonly images: readonly string[]
  /** ISO 8601. */
  readonly at: string
}

/** The namespace of the signatures (`ssh-keygen -Y sign -n …`): one for another purpose does not count. */
export const NAMESPACE = "slipway"

/** Returns the exact text that is signed. */
export const statementText = ({ environment, commit, images, at }: Approval): string =>
  `${JSON.stringify({ slipway: "approval/v1", environment, commit, images: [...images].sort(), at })}\n`
