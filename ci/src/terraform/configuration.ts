import { plural } from "../formats/figures.js"
import { sarif } from "../formats/sarif.js"
import { onlyPath } from "../run/command.js"
import { errored } from "../run/explain.js"
import { NODE } from "../run/images.js"
import { blockingText, NO_WORK } from "../run/outcome.js"
import type { Finding, Looked } from "../run/result.js"
import { type Given, type StageResult, WORKDIR } from "../run/stage.js"
import { VERSION } from "../run/version.js"
import type { Source } from "./roots.js"
import { plainSecrets } from "./secrets.js"
import { type Infrastructure, infrastructureOf, terraformFiles } from "./sources.js"
import { missingTags } from "./tags.js"

/**
 * Checks the configuration against the policy, without credentials, providers or a plan. A container reads the files, so
 * that the engine caches the result and all files are read in one call.
 */
export async function configurationPolicy(given: Given): Promise<StageResult> {
  const files = await terraformFiles(given.source)
  const ran = await given.command({
    container: given.image(NODE).withDirectory(WORKDIR, given.source),
    steps: [{ name: "read", run: `ls -R ${WORKDIR}`, timeout: 60 }],
    reports: files.map((file) => onlyPath(`${WORKDIR}/${file}`)),
  })
  const settings = given.project.config.terraform
  const missing = files.find((file) => ran.reports[`${WORKDIR}/${file}`] === undefined)
  if (missing !== undefined) return errored("errored", `${missing} could not be read`, ran.log.text)
  const texts = new Map(files.map((file) => [file, ran.reports[`${WORKDIR}/${file}`] ?? ""]))
  return {
    ...judgeConfiguration(infrastructureOf(settings, texts), settings.tags),
    steps: ran.steps,
    log: ran.log,
  }
}

const severe: Finding["severity"] = "high"

/** Returns the findings of a configuration, with SARIF and summary. */
export function judgeConfiguration(
  { sources, values, roots }: Pick<Infrastructure, "sources" | "values" | "roots">,
  tags: readonly string[],
): StageResult {
  const tagged = roots.map((root) => missingTags(root, sources, tags))
  const findings = unique([
    ...[...sources, ...values].flatMap(unread),
    ...tagged.flatMap((one) => one.findings),
    ...plainSecrets(sources, values),
  ]).map(withStanding)
  const blocking = findings.filter(({ standing }) => standing?.status === "blocks").length
  const sum = (of: "resources" | "undecided") => tagged.reduce((total, one) => total + one[of], 0)
  const what = [
    plural(sources.length, "file"),
    tags.length === 0 ? "no required tags" : `${plural(sum("resources"), "resource")} for ${tags.join(", ")}`,
    ...(sum("undecided") > 0 ? [`${sum("undecided")} known only in the plan`] : []),
  ].join(", ")
  const reported = blocking === 0 && findings.length > 0 ? `, ${findings.length} reported` : ""
  const looked: Looked = { tool: "slipway", version: VERSION, verdict: "passed", what, database: null }
  return {
    verdict: blocking > 0 ? "failed" : "passed",
    cause: blocking > 0 ? "policy" : null,
    summary: `${blockingText(blocking)}${reported}; ${what}`,
    ...NO_WORK,
    findings,
    looked: [looked],
    files: {
      "sarif/terraform.sarif": sarif({ category: "terraform", findings, looked: [looked], version: VERSION }),
    },
  }
}

/** An unreadable file may hide findings, so it is one. */
const unread = ({ file, problem }: Source): readonly Finding[] =>
  problem === null
    ? []
    : [{ rule: "terraform-not-read", severity: severe, message: problem.what, file, line: problem.line }]

function withStanding(finding: Finding): Finding {
  const blocks = finding.severity === severe
  return {
    ...finding,
    tools: ["slipway"],
    fingerprint: `${finding.rule}:${finding.file}:${finding.message}`,
    standing: blocks
      ? { status: "blocks", why: "required by the Terraform policy" }
      : { status: "reported", why: "advice" },
  }
}

/** A module that several roots call is checked with each. */
const unique = (findings: readonly Finding[]): readonly Finding[] => [
  ...new Map(findings.map((one) => [`${one.rule}\0${one.file}\0${one.line}\0${one.message}`, one])).values(),
]
