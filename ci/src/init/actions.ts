import type { JsonRecord } from "../formats/json.js"
import { scalar } from "../project/declared/values.js"
import {
  cvss,
  DEPLOYMENT,
  left,
  NONE,
  type Outcome,
  RELEASE,
  type Sought,
  scannedBy,
  severity,
  stage,
} from "./outcome.js"

/** The outcome for an action, by its name; the first that matches counts. */
const ACTIONS: readonly (readonly [name: RegExp, outcome: (settings: JsonRecord) => Outcome])[] = [
  [/^hashicorp\/setup-terraform/, (settings) => ofTerraform(textOf(settings.terraform_version))],
  [/^opentofu\/setup-opentofu/, (settings) => ofTerraform(textOf(settings.tofu_version), "opentofu")],
  [
    /^(?:actions\/(?:checkout|setup-\w+|cache|upload-artifact|download-artifact)|pnpm\/action-setup|oven-sh\/setup-bun|astral-sh\/setup-uv|docker\/(?:setup-|metadata-))/,
    () => NONE,
  ],
  [
    /^github\/codeql-action\/upload-sarif|^codecov\/|^coverallsapp\/|^dorny\/test-reporter|^mikepenz\//,
    () => NONE,
  ],
  [/^github\/codeql-action/, () => stage("code")],
  [/^snyk\/actions/, (settings) => scannedBy("dependencies", "snyk", ofArguments(settings))],
  [
    /^dependency-check\//i,
    (settings) => scannedBy("dependencies", "dependency-check", ofArguments(settings)),
  ],
  [
    /^aquasecurity\/trivy-action/,
    (settings) => stage(trivyScan(settings), severity(textOf(settings.severity))),
  ],
  [/^aquasecurity\/tfsec/, () => stage("infrastructure")],
  [/^bridgecrewio\/checkov/, () => scannedBy("infrastructure", "checkov")],
  [/^hadolint\//, () => stage("infrastructure")],
  [/^(?:gitleaks\/|trufflesecurity\/)/, () => stage("secrets")],
  [
    /^actions\/dependency-review-action/,
    (settings) => stage("dependencies", severity(textOf(settings["fail-on-severity"]))),
  ],
  [/^(?:returntocorp|semgrep)\//, () => stage("code")],
  [
    /^sonarsource\//i,
    () => left("SonarQube. Write `quality.sonar: { url: …, project: … }` into slipway.yaml"),
  ],
  [/^docker\/build-push-action/, () => stage("image")],
  [
    /^docker\/login-action|^aws-actions\/amazon-ecr-login/,
    () => left("a login at a registry: `slipway image push` takes the password"),
  ],
  [/^cypress-io\//, () => left("Cypress, which no stage runs")],
  [
    /slack|teams|discord|telegram|action-send-mail/i,
    () => left("a notification of a check. Keep the step behind `slipway ci`"),
  ],
  [/manual-approval/, () => left("an approval. `slipway deploy --approvals` asks for them (docs/deploy.md)")],
  [/(?:^(?:aws-actions|azure|google-github-actions)\/)|deploy|vercel|netlify|pages/i, () => left(DEPLOYMENT)],
  [/release|changesets|semantic/i, () => left(RELEASE)],
  [
    /^include:/,
    () => left("it is not in this repository. Slipway's own scans cover GitLab's templates of scanners"),
  ],
  [/^\.\//, () => left("an action of this repository. Describe what it runs under `custom`")],
]

const textOf = (value: unknown): string => scalar(value) ?? ""

/** Returns the outcome for a step that uses an action. */
export function ofAction(uses: string, settings: JsonRecord): Outcome {
  const found = ACTIONS.find(([name]) => name.test(uses))
  return (
    found?.[1](settings) ??
    left("an action, and Slipway runs commands. Describe what it checks under `custom`")
  )
}

/** The threshold in the arguments of a scanner. */
function ofArguments(settings: JsonRecord) {
  const text = textOf(settings.args) || textOf(settings.arguments)
  const named = /--severity-threshold[=\s]+(\w+)/.exec(text)?.[1] ?? ""
  return [...severity(named), ...cvss(text)]
}

const trivyScan = (settings: JsonRecord): string =>
  ({ config: "infrastructure", image: "image-scan" })[textOf(settings["scan-type"])] ??
  (textOf(settings["image-ref"]) === "" ? "dependencies" : "image-scan")

/** Takes over an exact version; says why for any other. */
function ofTerraform(version: string, program?: "opentofu"): Outcome {
  const named: readonly Sought[] =
    program === undefined ? [] : [{ path: ["terraform", "program"], value: program }]
  if (version === "" || version === "latest") return stage("terraform-validate", named)
  return /^\d+\.\d+\.\d+$/.test(version)
    ? stage("terraform-validate", [...named, { path: ["terraform", "version"], value: version }])
    : left(`the version ${version}, of which no exact one is known. Write one as \`terraform.version\``)
}
