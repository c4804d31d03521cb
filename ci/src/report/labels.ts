import type { Severity, Standing, Verdict } from "../run/result.js"

/** Symbol and words of each verdict: colour alone is not readable for everyone. */
export const VERDICTS: Readonly<Record<Verdict, VerdictWords>> = {
  passed: { symbol: "✓", word: "passed", title: "Passed", run: "passed" },
  failed: { symbol: "✗", word: "failed", title: "Failed", run: "failed" },
  errored: { symbol: "!", word: "errored", title: "Errored", run: "errored" },
  skipped: { symbol: "–", word: "skipped", title: "Skipped", run: "skipped: nothing ran" },
}

interface VerdictWords {
  readonly symbol: string
  /** After a stage's name: "lint failed". */
  readonly word: string
  readonly title: string
  /** After the project's name: "medflow failed". */
  readonly run: string
}

/** Worst first. */
export const SEVERITIES: readonly Severity[] = ["critical", "high", "medium", "low", "info"]

/** Words of each standing of a finding, the most important first. */
export const STANDINGS: Readonly<Record<Standing["status"], StandingWords>> = {
  blocks: { title: "Blocks", many: "blocking" },
  reported: { title: "Reported", many: "reported" },
  known: { title: "Known", many: "known" },
  waived: { title: "Waived", many: "waived" },
}

interface StandingWords {
  readonly title: string
  /** After a number. */
  readonly many: string
}
