/** Records of releases. */
import type { ReleaseRecord } from "../../../modules/deploy/program/core/ledger.ts"
import { commit } from "../../deploy/rehearsal.ts"

/** Returns the record of a release that succeeded. */
export const record = (number: number, change: Partial<ReleaseRecord> = {}): ReleaseRecord => ({
  number,
  action: "deploy",
  commit: commit(number % 5),
  author: "ann",
  images: {},
  revisions: { web: `web:${number}` },
  deployments: {},
  outcome: "succeeded",
  proven: true,
  migration: null,
  snapshot: null,
  verdict: null,
  to: null,
  digest: null,
  proof: null,
  approvals: [],
  breakGlass: null,
  audit: null,
  started: 0,
  ended: 0,
  run: { id: "r", url: null, actor: "ann", attempt: 1 },
  ...change,
})
