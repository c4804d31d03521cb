/** Condition keys that the simulator fills in. A policy that uses another one is refused. */
const KEYS = [
  "aws:PrincipalArn",
  "aws:PrincipalAccount",
  "aws:RequestedRegion",
  "aws:ResourceAccount",
  "aws:SecureTransport",
  "aws:TagKeys",
  "ecs:cluster",
  "ecs:service",
  "ecs:task-definition",
  "iam:PassedToService",
  "s3:prefix",
] as const

export type Key = (typeof KEYS)[number]

const FOLDED: ReadonlySet<string> = new Set(KEYS.map((key) => key.toLowerCase()))

/** The prefix of keys for the tags that a request sets; the tag's own key follows. */
export const REQUEST_TAG = "aws:RequestTag/"

/** Returns whether the simulator fills in a condition key. Keys have no case, as in IAM. */
export const isKnownKey = (key: string): boolean =>
  FOLDED.has(key.toLowerCase()) || key.toLowerCase().startsWith(REQUEST_TAG.toLowerCase())
