import type { Category, Scanner, Tool, ToolName } from "./scanner.js"
import { checkov } from "./tools/checkov.js"
import { dependencyCheck } from "./tools/dependency-check.js"
import { gitleaks } from "./tools/gitleaks.js"
import { npmAudit } from "./tools/npm-audit.js"
import { npmLicences } from "./tools/npm-licences.js"
import { osvScanner } from "./tools/osv-scanner.js"
import { semgrep } from "./tools/semgrep.js"
import { snyk } from "./tools/snyk.js"
import { trivy } from "./tools/trivy.js"

/** The tools that scan. A new one is a file, a word here, and its name in config.ts. */
export const TOOLS: readonly Tool[] = [
  trivy,
  osvScanner,
  npmAudit,
  dependencyCheck,
  snyk,
  semgrep,
  gitleaks,
  checkov,
  npmLicences,
]

/** Returns the scanners of the tools that slipway.yaml names for a category. */
export const scannersOf = (category: Category, names: readonly ToolName[]): readonly Scanner[] =>
  TOOLS.filter(({ name }) => names.includes(name)).flatMap(({ scans }) => scans[category] ?? [])
