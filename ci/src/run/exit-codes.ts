/** Process exit codes of a run. Host-side faults have codes of their own, from 30 to 39; see `cli/fault.ts`. */
export const EXIT_CODES = {
  passed: 0,
  failed: 10,
  errored: 11,
  "timed-out": 12,
  "lock-file": 13,
  dockerfile: 14,
  service: 15,
  migration: 16,
  download: 17,
  database: 18,
  token: 19,
  configuration: 20,
  "no-project": 21,
  policy: 22,
  coverage: 23,
  budget: 24,
  registry: 25,
  signature: 26,
  attestation: 27,
  "no-image": 28,
  stale: 60,
  locked: 61,
  drift: 62,
} as const

/** Why a stage is red, where that has a name and so an exit code of its own. */
export type Cause = Exclude<keyof typeof EXIT_CODES, "passed" | "no-project">
