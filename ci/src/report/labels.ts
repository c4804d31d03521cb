import type { Severity, Standing, Verdict } from "../run/result.js"

/** How a verdict is shown. Never by colour alone: each has a symbol and words of its own. */
export const VERDICTS: Readonly<Record<Verdict, VerdictWords>> = {
  passed: { symbol: "✓", word: "passed", title: "Passed", run: "passed" },
  failed: { symbol: "✗", word: "failed", title: "Failed", run: "failed" },
  errored: { symbol: "!", word: "could not look", title: "Could not look", run: "errored: could not look" },
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

/** How a finding's standing is shown, what matters most first. */
export const STANDINGS: Readonly<Record<Standing["status"], StandingWords>> = {
  blocks: { title: "Blocks", many: "block" },
  reported: { title: "Reported", many: "reported" },
  known: { title: "Known", many: "known" },
  waived: { title: "Waived", many: "waived" },
}

interface StandingWords {
  readonly title: string
  /** After a number. */
  readonly many: string
}
