import type { Severity } from "../run/result.js"

/** Returns the rating of a CVSS base score. @see https://www.first.org/cvss/v3.1/specification-document section 5 */
export function severityOfScore(score: number): Severity {
  if (score >= 9) return "critical"
  if (score >= 7) return "high"
  if (score >= 4) return "medium"
  return score > 0 ? "low" : "info"
}
