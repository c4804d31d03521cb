import { settingsOf } from "../config/stage-settings.js"
import { plural } from "../formats/figures.js"
import { type JsonRecord, parseJson, recordOf, recordsOf } from "../formats/json.js"
import { hasManifest, packagesOf, scriptStages, stageName, workspaceFiles } from "../project/packages.js"
import { baseName, joinPath } from "../project/paths.js"
import type { Project, Workspace } from "../project/project.js"
import { programCommand, scriptCommand, workplace, workplaceNeeds } from "../project/workplace.js"
import { fromCommand } from "../run/outcome.js"
import type { Finding } from "../run/result.js"
import {
  type Applies,
  type Given,
  type Ran,
  type StageKind,
  type StageResult,
  type Unread,
  withEnvironment,
} from "../run/stage.js"
import { npmTool, ownFolder } from "../tools/npm-tool.js"
import { judged, lookedAt, noReport } from "./looked.js"
import { MEMORY } from "./run-tool.js"

const KIND = "deadcode"
const TOOL = "/tools/knip"
const SOURCE = "quality/tools/knip"
const REPORT = "/tmp/knip.json"
/** The files that knip's parser could not read. */
const UNREAD = "/tmp/knip-unread.json"
const TIMEOUT = 600

const SCRIPTS = ["deadcode", "knip", "depcheck", "unused", "check:unused", "lint:unused", "check:deps"]

const CONFIGURATION = /^\.?knip\.jsonc?$|^knip(?:\.config)?\.[jt]s$/

/**
 * Looks for unused dependencies, and with knip's configuration for unused exports and files. Without one knip cannot
 * know all that an app starts from: it then looks at dependencies alone, and only those that ship block.
 */
export const deadcode: StageKind = {
  kind: KIND,
  scope: "node",
  applies(project) {
    const named = settingsOf(project.config, KIND).script
    const scripted = scriptStages(project, KIND, named, SCRIPTS, ({ name, workspace, script, ...one }) => ({
      ...one,
      name,
      kind: KIND,
      gate: "own",
      needs: workplaceNeeds(project, workspace),
      inputs: { include: one.include, exclude: [] },
      run: (given) => runScript(given, workspace, script),
    }))
    return scripted.applies || named !== null || !hasManifest(project) ? scripted : withKnip(project)
  },
}

async function runScript(given: Given, workspace: Workspace, script: string): Promise<StageResult> {
  const { timeout, env } = settingsOf(given.project.config, KIND)
  const ran = await given.command({
    container: withEnvironment(workplace(given, workspace), env),
    steps: [
      { name: KIND, run: scriptCommand(given.project, workspace, script), timeout: timeout ?? TIMEOUT },
    ],
  })
  return fromCommand(ran, { passed: "nothing unused found", findings: [], tests: [] })
}

/** How knip is run for a project. */
export interface Knip {
  /** True where the project says what it starts from. */
  readonly configured: boolean
  /** True where the project brings it. */
  readonly own: boolean
}

function withKnip(project: Project): Applies {
  const packages = packagesOf(project)
  const file = project.rootFiles.find((name) => CONFIGURATION.test(baseName(name)))
  const own = packages.some(({ dependencies }) => dependencies.includes("knip"))
  const configured = own || file !== undefined
  if (!configured && packages.every(({ dependencies }) => dependencies.length === 0))
    return { applies: false, reason: "no package.json names a dependency, and there is no knip.json" }
  if (!own && Number.parseInt(project.node, 10) < 20)
    return { applies: false, reason: `knip needs Node.js 20, the project runs on ${project.node}` }
  const reach = configured ? "dependencies, exports and files" : "dependencies alone: there is no knip.json"
  const because = `${file ?? (own ? "the dependency knip" : "knip")}; ${reach}`
  const inputs = { include: workspaceFiles(project, project.root), exclude: ["**/*.md"] }
  const run = (given: Given) => runKnip(given, { configured, own })
  return {
    applies: true,
    stages: [
      {
        gate: configured ? "own" : undefined,
        name: stageName(KIND, project.root),
        kind: KIND,
        needs: workplaceNeeds(project, project.root),
        because,
        inputs,
        run,
      },
    ],
  }
}

async function runKnip(given: Given, knip: Knip): Promise<StageResult> {
  const tool = knip.own ? null : await npmTool(given, SOURCE, "knip", TOOL)
  if (tool?.ready === false) return tool.result
  const { timeout, env } = settingsOf(given.project.config, KIND)
  const installed = workplace(given, given.project.root)
  const container = tool
    ? installed.withDirectory(TOOL, tool.container.directory(TOOL))
    : installed.withDirectory(TOOL, ownFolder(SOURCE))
  const folder = tool ? `${TOOL}/node_modules/knip` : "node_modules/knip"
  const program = tool
    ? `node --max-old-space-size=${MEMORY} ${folder}/bin/knip.js`
    : programCommand(given.project, "knip")
  const scope = knip.configured ? "" : " --include dependencies,devDependencies"
  const ran = await given.command({
    container: withEnvironment(container, env),
    steps: [
      { name: "parse", run: `node ${TOOL}/unread.js ${folder} >${UNREAD}`, timeout: timeout ?? TIMEOUT },
      {
        name: KIND,
        run: `${program} --no-progress --no-config-hints --reporter json${scope} >${REPORT}`,
        timeout: timeout ?? TIMEOUT,
      },
    ],
    reports: [REPORT, UNREAD],
  })
  return judge(given.project, knip, ran, tool?.version ?? "the project's own")
}

/** A kind of issue that knip names. */
interface Issue {
  /** Follows the name: `left is a dependency that nothing uses`. */
  readonly text: string
  /** True where it is for what no file uses: a file that was not read may use it. */
  readonly unused: boolean
}

const unused = (text: string): Issue => ({ text, unused: true })
const missing = (text: string): Issue => ({ text, unused: false })

const ISSUES: Readonly<Record<string, Issue>> = {
  dependencies: unused("is a dependency that nothing uses"),
  devDependencies: unused("is a devDependency that nothing uses"),
  optionalPeerDependencies: missing("is used, and is an optional peer dependency only"),
  unlisted: missing("is used, and no dependency"),
  binaries: missing("is called, and no dependency brings it"),
  unresolved: missing("is imported, and cannot be found"),
  exports: unused("is exported, and nothing imports it"),
  types: unused("is an exported type that nothing imports"),
  enumMembers: unused("is a member of an enumeration that nothing uses"),
  namespaceMembers: unused("is a member of a namespace that nothing uses"),
  files: unused("is a file that nothing imports"),
}

/** Returns the outcome by knip's report, whose last line holds it: the project's own configuration may print before. */
export function judge(project: Project, { configured }: Knip, ran: Ran, version: string): StageResult {
  const last = (ran.reports[REPORT] ?? "").trim().split("\n").at(-1)
  const { issues } = recordOf(parseJson(last))
  const exit = ran.failed?.exitCode ?? 0
  if (!Array.isArray(issues) || exit > 1 || ran.failed?.timedOut) return noReport(ran, "knip")
  const unread = recordsOf(parseJson(ran.reports[UNREAD])).map((one) => unparsed(one, project.path))
  const calls = callsOf(project)
  const findings = recordsOf(issues)
    .flatMap((issue) => findingsOf(issue, project.path))
    .filter(
      ({ rule, message }) => configured || !(ISSUES[rule]?.unused && calls(message.split(" ")[0] ?? "")),
    )
    .map((finding) => withStanding(finding, configured, unread.length))
  const blocking = findings.filter(({ standing }) => standing === undefined).length
  if (exit === 1 && findings.length === 0) return noReport(ran, "knip", "found what Slipway cannot read")
  const names = new Set(packagesOf(project).flatMap(({ dependencies }) => dependencies))
  const reach = `${plural(names.size, "direct package")}${configured ? ", exports and files" : ""}`
  return judged(ran, {
    passed: blocking === 0,
    summary: `${summaryOf(findings)}: ${reach}`,
    findings,
    looked: [lookedAt("knip", version, reach)],
    unread,
  })
}

/**
 * Tells whether a script, or the team's CI, names a package's program: knip does not see what another program starts
 * (`nyc mocha`), and not every file of a CI.
 */
function callsOf(project: Project): (dependency: string) => boolean {
  const scripts = packagesOf(project).flatMap((one) => Object.values(one.scripts))
  const steps = project.declared.jobs.flatMap((job) => job.steps.map(({ run }) => run))
  const words = new Set([...scripts, ...steps].flatMap((text) => text.split(/[\s"';&|()]+/)))
  return (dependency) => words.has(baseName(dependency))
}

/** `nothing unused`, `4 unused and 2 missing` */
function summaryOf(findings: readonly Finding[]): string {
  const idle = findings.filter(({ rule }) => ISSUES[rule]?.unused === true).length
  const parts = [
    idle > 0 ? `${idle} unused` : "",
    findings.length > idle ? `${findings.length - idle} missing` : "",
  ]
  return parts.filter(Boolean).join(" and ") || "nothing unused"
}

/** Reports, without blocking, what knip cannot be sure of. */
function withStanding(finding: Finding, configured: boolean, unread: number): Finding {
  const reported = (why: string): Finding => ({ ...finding, standing: { status: "reported", why } })
  if (!configured && finding.rule !== "dependencies") return reported("there is no knip.json")
  if (unread > 0 && ISSUES[finding.rule]?.unused)
    return reported(`${plural(unread, "file")} not read may use it`)
  return finding
}

function findingsOf(issue: JsonRecord, folder: string): readonly Finding[] {
  return Object.entries(issue).flatMap(([type, value]) => {
    const text = ISSUES[type]?.text ?? `(${type})`
    return recordsOf(value).map(({ name, line }) => ({
      rule: type,
      severity: type === "dependencies" || type === "unlisted" ? "medium" : "low",
      message: `${String(name)} ${text}`,
      file: joinPath(folder, String(issue.file)),
      line: typeof line === "number" ? line : null,
      tools: ["knip"],
    }))
  })
}

const unparsed = ({ file, line, message }: JsonRecord, folder: string): Unread => ({
  file: joinPath(folder, String(file)),
  line: typeof line === "number" ? line : null,
  reason: String(message),
  tools: ["knip"],
})
