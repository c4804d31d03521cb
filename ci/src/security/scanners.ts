import type { Scanner } from "./scanner.js"
import { CODE } from "./scanners/code.js"
import { INFRASTRUCTURE } from "./scanners/infrastructure.js"
import { LICENCES } from "./scanners/licences.js"
import { DEPENDENCIES } from "./scanners/packages.js"
import { SECRETS } from "./scanners/secrets.js"
import { IMAGE } from "./scanners/trivy.js"

/** What can look at each category, by the names that slipway.yaml has for them. A name may stand for two looks. */
export const SCANNERS = {
  dependencies: DEPENDENCIES,
  code: CODE,
  secrets: SECRETS,
  "image-scan": IMAGE,
  infrastructure: INFRASTRUCTURE,
  licences: LICENCES,
} as const satisfies Readonly<Record<string, Readonly<Record<string, readonly Scanner[]>>>>

export type Category = keyof typeof SCANNERS
