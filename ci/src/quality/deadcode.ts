import { settingsOf } from "../config/stage-settings.js"
import { plural } from "../formats/figures.js"
import { type JsonRecord, parseJson, recordOf, recordsOf } from "../formats/json.js"
import { INSTALL } from "../project/install.js"
import { hasManifest, scriptStages } from "../project/packages.js"
import type { Project } from "../project/project.js"
import { quote } from "../run/command.js"
import { fromCommand } from "../run/outcome.js"
import type { Finding } from "../run/result.js"
import {
  type Applies,
  type Given,
  type Ran,
  type StageKind,
  type StageResult,
  WORKDIR,
  withEnvironment,
} from "../run/stage.js"
import { npmTool } from "../tools/npm-tool.js"
import { judged, lookedAt, notLooked } from "./looked.js"

const KIND = "deadcode"
const TOOL = "/tools/knip"
const REPORT = "/tmp/knip.json"
const TIMEOUT = 600

const SCRIPTS = ["deadcode", "knip", "depcheck", "unused", "check:unused", "lint:unused", "check:deps"]

const CONFIGURATION = /^\.?knip\.jsonc?$|^knip(?:\.config)?\.[jt]s$/

/**
 * Unused dependencies, and with knip's configuration unused exports and files. Without one knip cannot know all that
 * an app starts from: it then looks at dependencies alone, and only those that ship block.
 */
export const deadcode: StageKind = {
  kind: KIND,
  applies(project) {
    const named = settingsOf(project.config, KIND).script
    const scripted = scriptStages(project, KIND, named, SCRIPTS, ({ name, workspace, script, ...one }) => ({
      ...one,
      name,
      kind: KIND,
      needs: [INSTALL],
      inputs: { include: one.include, exclude: [] },
      run: (given) => runScript(given, workspace.path, script),
    }))
    return scripted.applies || named !== null || !hasManifest(project) ? scripted : withKnip(project)
  },
}

async function runScript(given: Given, folder: string, script: string): Promise<StageResult> {
  const { timeout, env } = settingsOf(given.project.config, KIND)
  const ran = await given.command({
    container: withEnvironment(given.from(INSTALL), env)
      .withDirectory(WORKDIR, given.source)
      .withWorkdir(`${WORKDIR}/${folder}`),
    steps: [{ name: KIND, run: `npm run --silent ${quote(script)}`, timeout: timeout ?? TIMEOUT }],
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
  const packages = [project.root, ...project.workspaces]
  const file = project.rootFiles.find((name) => CONFIGURATION.test(name))
  const own = packages.some(({ dependencies }) => dependencies.includes("knip"))
  const configured = own || file !== undefined
  if (!configured && packages.every(({ dependencies }) => dependencies.length === 0))
    return { applies: false, reason: "no package.json names a dependency, and there is no knip.json" }
  if (!own && Number(project.node) < 20)
    return { applies: false, reason: `knip needs Node.js 20, the project runs on ${project.node}` }
  const reach = configured ? "dependencies, exports and files" : "dependencies alone: there is no knip.json"
  const because = `${file ?? (own ? "the dependency knip" : "knip")}; ${reach}`
  const inputs = { include: ["**"], exclude: ["**/*.md"] }
  const run = (given: Given) => runKnip(given, { configured, own })
  return { applies: true, stages: [{ name: KIND, kind: KIND, needs: [INSTALL], because, inputs, run }] }
}

async function runKnip(given: Given, knip: Knip): Promise<StageResult> {
  const tool = knip.own ? null : await npmTool(given, "quality/tools/knip", "knip", TOOL)
  if (tool?.ready === false) return tool.result
  const { timeout, env } = settingsOf(given.project.config, KIND)
  const installed = given.from(INSTALL)
  const container = tool ? installed.withDirectory(TOOL, tool.container.directory(TOOL)) : installed
  const program = tool ? `node ${TOOL}/node_modules/knip/bin/knip.js` : "npx --no-install knip"
  const scope = knip.configured ? "" : " --include dependencies,devDependencies"
  const ran = await given.command({
    container: withEnvironment(container, env).withDirectory(WORKDIR, given.source).withWorkdir(WORKDIR),
    steps: [
      {
        name: KIND,
        run: `${program} --no-progress --no-config-hints --reporter json${scope} >${REPORT}`,
        timeout: timeout ?? TIMEOUT,
      },
    ],
    reports: [REPORT],
  })
  return judge(given.project, knip, ran, tool?.version ?? "the project's own")
}

/** What knip names, and what it is. */
const ISSUES: Readonly<Record<string, string>> = {
  dependencies: "is a dependency that nothing uses",
  devDependencies: "is a devDependency that nothing uses",
  optionalPeerDependencies: "is used, and is an optional peer dependency only",
  unlisted: "is used, and no dependency",
  binaries: "is called, and no dependency brings it",
  unresolved: "is imported, and cannot be found",
  exports: "is exported, and nothing imports it",
  types: "is an exported type that nothing imports",
  enumMembers: "is a member of an enumeration that nothing uses",
  namespaceMembers: "is a member of a namespace that nothing uses",
  files: "is a file that nothing imports",
}

/** The outcome by knip's report, whose last line holds it: the project's own configuration may print before. */
export function judge(project: Project, { configured }: Knip, ran: Ran, version: string): StageResult {
  const last = ran.reports[REPORT]?.trim().split("\n").at(-1)
  const { issues } = recordOf(parseJson(last))
  const exit = ran.failed?.exitCode ?? 0
  if (!Array.isArray(issues) || exit > 1 || ran.failed?.timedOut)
    return notLooked(ran, "knip", "left no report that can be read")
  const findings = recordsOf(issues)
    .flatMap(findingsOf)
    .map((finding) =>
      configured || finding.rule === "dependencies"
        ? finding
        : { ...finding, standing: { status: "reported", why: "there is no knip.json" } as const },
    )
  const blocking = findings.filter(({ standing }) => standing === undefined).length
  if (exit === 1 && findings.length === 0) return notLooked(ran, "knip", "found what Slipway cannot read")
  const names = new Set([project.root, ...project.workspaces].flatMap(({ dependencies }) => dependencies))
  const reach = `${plural(names.size, "direct package")}${configured ? ", exports and files" : ""}`
  const said = findings.length === 0 ? "nothing unused" : `${findings.length} unused or not listed`
  return judged(ran, {
    passed: blocking === 0,
    summary: `${said}: ${reach}`,
    findings,
    looked: [lookedAt("knip", version, reach)],
  })
}

function findingsOf(issue: JsonRecord): readonly Finding[] {
  return Object.entries(issue).flatMap(([type, value]) => {
    const said = ISSUES[type] ?? `(${type})`
    return recordsOf(value).map(({ name, line }) => ({
      rule: type,
      severity: type === "dependencies" || type === "unlisted" ? "medium" : "low",
      message: `${String(name)} ${said}`,
      file: String(issue.file),
      line: typeof line === "number" ? line : null,
      tools: ["knip"],
    }))
  })
}
