import { anyOf } from "../formats/pattern.js"
import {
  cvss,
  DEPLOYMENT,
  left,
  NONE,
  type Outcome,
  SHELL,
  type Sought,
  scannedBy,
  severity,
  stage,
} from "./outcome.js"

/** The outcome for each program. */
const PROGRAMS: readonly (readonly [names: string, outcome: (args: string, name: string) => Outcome])[] = [
  [
    "echo printf cd pushd popd export set true : exit sleep mkdir cp touch chmod source wait-on corepack date",
    () => NONE,
  ],
  [
    "pip pip3 poetry uv pipenv apt-get apt apk sudo",
    (args) => (/\b(?:install|sync|venv|update)\b/.test(args) ? NONE : SHELL),
  ],
  ["eslint oxlint standard flake8 pylint stylelint", () => stage("lint")],
  ["ruff biome", (args) => stage(/^(?:-\S+\s+)*format\b/.test(args) ? "format" : "lint")],
  ["next", ofNext],
  ["prettier black isort", () => stage("format")],
  ["tsc vue-tsc tsd mypy pyright attw", () => stage("types")],
  [
    "vitest jest mocha ava tap c8 nyc pytest tox nox coverage unittest nose2 stestr trial",
    (args) => stage("unit", coverage(args)),
  ],
  ["manage.py", (args) => (/^test\b/.test(args) ? stage("unit", coverage(args)) : SHELL)],
  ["playwright", (args) => (/\binstall\b/.test(args) ? NONE : stage("e2e"))],
  ["depcheck knip ts-prune unimported", () => stage("deadcode")],
  ["jscpd", () => stage("duplication")],
  ["semgrep codeql", () => stage("code")],
  ["gitleaks trufflehog detect-secrets", () => stage("secrets")],
  ["trivy", (args) => stage(trivyScan(args), ofOptions(args))],
  ["osv-scanner", () => scannedBy("dependencies", "osv-scanner")],
  ["snyk", (args) => scannedBy("dependencies", "snyk", ofOptions(args))],
  [
    "dependency-check dependency-check.sh",
    (args) => scannedBy("dependencies", "dependency-check", ofOptions(args)),
  ],
  ["pip-audit safety audit-ci better-npm-audit", (args) => stage("dependencies", ofOptions(args))],
  ["checkov", () => scannedBy("infrastructure", "checkov")],
  ["tfsec tflint hadolint", () => stage("infrastructure")],
  ["license-checker licensee license-checker-rseidelsohn", () => stage("licences")],
  ["axe pa11y pa11y-ci lhci lighthouse", () => stage("a11y")],
  ["k6", () => stage("load")],
  ["terraform tofu", ofTerraform],
  ["docker podman", ofDocker],
  [
    "aws gcloud az kubectl helm ssh scp rsync vercel netlify fly flyctl heroku serverless sls cdk pulumi wrangler firebase eb ansible-playbook",
    () => left(DEPLOYMENT),
  ],
  ["curl wget gh glab git", (_, name) => left(`needs the network or git (\`${name}\`)`)],
  ["codecov coveralls", () => NONE],
  [
    "if then elif else fi for while until do done case esac function { } ! [ [[ test grep egrep find diff cat ls wc sed awk sort uniq head tail cut tr xargs break continue read node python python3 bash sh",
    () => SHELL,
  ],
]

/** Returns the outcome for a program that a step starts itself, not by a script of package.json. */
export function ofProgram(name: string, args: readonly string[]): Outcome {
  const found = PROGRAMS.find(([names]) => names.split(" ").includes(name))
  return found?.[1](args.join(" "), name) ?? left(`no stage runs \`${name}\`. Describe it under \`custom\``)
}

const PLAN =
  "a plan of Terraform. Describe the environment under `terraform.environments` and call `slipway infra plan` (docs/terraform.md)"

function ofTerraform(args: string): Outcome {
  if (/^(?:\S+=\S+\s+)*(?:-chdir\S*\s+)?fmt\b/.test(args)) return stage("terraform-fmt")
  if (/\b(?:init|validate)\b/.test(args)) return stage("terraform-validate")
  return /\bplan\b/.test(args) ? left(PLAN) : left(DEPLOYMENT)
}

function ofNext(args: string): Outcome {
  if (/^build\b/.test(args)) return stage("build")
  return /^lint\b/.test(args) ? stage("lint") : NONE
}

function trivyScan(args: string): string {
  if (/\bimage\b/.test(args)) return "image-scan"
  return /\bconfig\b/.test(args) ? "infrastructure" : "dependencies"
}

function ofDocker(args: string): Outcome {
  if (/\bbuild\b/.test(args)) return stage("image")
  if (/\bpush\b|\blogin\b/.test(args)) return left("pushes images: `slipway image push`")
  return /\bcompose\b/.test(args) ? NONE : left("runs containers")
}

/** Returns the thresholds in the options of scanners and audits. */
export function ofOptions(args: string): readonly Sought[] {
  const named = /--(?:audit-level|severity-threshold|severity|level)[=\s]+([\w,]+)/.exec(args)?.[1] ?? ""
  return [...severity(named), ...cvss(args)]
}

/** Returns the coverage of lines that the options of a test runner ask for. */
export function coverage(args: string): readonly Sought[] {
  const lines = COVERAGE.exec(args)?.slice(1).find(Boolean)
  return lines === undefined ? [] : [{ path: ["coverage", "lines"], value: Number(lines) }]
}

const COVERAGE = anyOf([
  /--coverage\.thresholds?\.lines[=\s]+(\d+)/,
  /--check-coverage\b.*--lines[=\s]+(\d+)/,
  /--lines[=\s]+(\d+).*--check-coverage\b/,
  /--cov-fail-under[=\s]+(\d+)/,
  /--coverageThreshold\S*\blines\W+(\d+)/,
])

/** Returns the kind of stage that the name of a script in package.json tells; null without one. */
export const kindOfScript = (script: string): string | null =>
  KINDS.find(([name]) => name.test(script))?.[1] ?? null

const KINDS: readonly (readonly [RegExp, string])[] = [
  [/e2e|end-to-end|playwright/i, "e2e"],
  [/a11y|accessib|axe|lighthouse/i, "a11y"],
  [/\bload\b|k6|perf/i, "load"],
  [/integration|\bint\b/i, "integration"],
  [/(?:^lint)|eslint|(?::lint$)/i, "lint"],
  [/(?:^(?:check[:-])?(?:format|fmt|prettier))|format[:-]?check/i, "format"],
  [/type-?s?-?check|(?:^types?$)|(?:^tsc)|check[:-]types/i, "types"],
  [/^test(?:[:-](?:unit|ci|cov|coverage|all|run))?$|(?:^unit)|coverage/i, "unit"],
  [/analy[sz]e|bundle|size/i, "bundle"],
  [/^build/i, "build"],
  [/audit|vulnerab/i, "dependencies"],
  [/licen[sc]e/i, "licences"],
  [/knip|depcheck|unused|dead-?code/i, "deadcode"],
  [/duplicat|jscpd/i, "duplication"],
]
