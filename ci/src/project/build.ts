import type { Container, Directory } from "@dagger.io/dagger"
import { settingsOf } from "../config/stage-settings.js"
import { oneLine } from "../formats/clean.js"
import type { Cause } from "../run/causes.js"
import { fromCommand, refused, skipped } from "../run/outcome.js"
import { type Given, type Stage, type StageKind, type StageResult, withEnvironment } from "../run/stage.js"
import { UNREACHABLE } from "../run/unreachable.js"
import { BUILD } from "./build-order.js"
import { type Build, buildsBefore, buildsOf, forEnvironments, neededBuilds } from "./builds.js"
import { variablesOfScript } from "./declared/variables-of-work.js"
import { startedNothing, startedNothingText } from "./fan-out.js"
import { generating, UNMADE, withoutGenerated } from "./generated.js"
import { generatorsBeside } from "./generators.js"
import { hasManifest, packagesOf, workspaceFiles } from "./packages.js"
import { joinPath } from "./paths.js"
import type { Project } from "./project.js"
import { programsOf } from "./scripts.js"
import { endless, endlessText } from "./watching.js"
import { madeBetween, scriptCommand, workplace, workplaceNeeds } from "./workplace.js"

/** Seconds, where slipway.yaml does not say. */
const TIMEOUT = 900

/** Runs the project's own builds, each once. Other stages get what they made. */
export const build: StageKind = {
  kind: BUILD,
  scope: "node",
  versions: "needed",
  applies(project) {
    if (!hasManifest(project)) return { applies: false, reason: "no package.json" }
    const builds = buildsOf(project)
    return builds.length === 0
      ? { applies: false, reason: "no package.json has a script build" }
      : { applies: true, stages: all(project, builds).map((one) => stageFor(project, one)) }
  },
}

/** With environments, the build of none is there only for the packages that need it. */
function all(project: Project, builds: readonly Build[]): readonly Build[] {
  if (project.config.build.environments.length === 0) return builds
  const needed = new Set(
    packagesOf(project)
      .flatMap((workspace) => neededBuilds(project, workspace))
      .map(({ stage }) => stage),
  )
  return builds.flatMap((one) => [...(needed.has(one.stage) ? [one] : []), ...forEnvironments(project, one)])
}

const stageFor = (project: Project, one: Build): Stage => ({
  name: one.stage,
  kind: BUILD,
  needs: workplaceNeeds(project, one.workspace, buildsBefore(project, one)),
  because: [
    scriptText(project, one),
    ...environmentText(one),
    ...variablesOf(project, one).because,
    ...firstText(project, one),
  ].join(", "),
  inputs: { include: workspaceFiles(project, one.workspace), exclude: [] },
  run: (given) => run(given, one),
})

const scriptText = ({ root, tasks }: Project, { script, workspace }: Build): string =>
  (workspace.path === root.path ? tasks[script] : undefined) ??
  `the script ${script} in ${joinPath(workspace.path, "package.json")}`

const environmentText = ({ environment, script }: Build): readonly string[] =>
  environment === null || script.endsWith(`:${environment}`) ? [] : [`with NODE_ENV=${environment}`]

const variablesOf = (project: Project, { workspace, script }: Build) =>
  variablesOfScript(project, workspace, script)

/** `before shop: turbo.json runs ^build before test`, where other tools wait for it. */
function firstText(project: Project, { stage }: Build): readonly string[] {
  const waiting = [...project.workspaces, project.root].flatMap((workspace) =>
    neededBuilds(project, workspace).flatMap((needed) =>
      needed.stage === stage && (workspace !== project.root || project.workspaces.length === 0)
        ? [{ name: workspace.name, because: needed.because }]
        : [],
    ),
  )
  const [first] = waiting
  return first === undefined ? [] : [`before ${waiting.map(({ name }) => name).join(", ")}: ${first.because}`]
}

/** Programs of builds that make something else than files of Node.js, and are not there. */
const ELSEWHERE = ["docker", "docker-compose", "podman", "cargo", "go", "eas", "xcodebuild", "sam", "tauri"]

async function run(given: Given, one: Build): Promise<StageResult> {
  const { project } = given
  const programs = programsOf(one.workspace.scripts, one.script)
  const missing = programs.find(({ name }) => ELSEWHERE.includes(name))
  if (missing) return skipped(`not built: the script ${one.script} calls ${missing.name}, which no stage has`)
  const watcher = endless(programs)
  if (watcher !== null) return refused(endlessText(one.script, watcher))
  const { timeout, env } = settingsOf(project.config, BUILD)
  const before = withEnvironment(workplace(given, one.workspace, buildsBefore(project, one)), {
    ...variablesOf(project, one).env,
    ...(one.environment === null ? {} : { NODE_ENV: one.environment }),
    ...env,
  })
  const ran = await given.command({
    container: before,
    steps: [
      ...generating(
        project,
        one.workspace,
        generatorsBeside(project, one.workspace, one.script),
        timeout ?? TIMEOUT,
      ),
      { name: BUILD, run: scriptCommand(project, one.workspace, one.script), timeout: timeout ?? TIMEOUT },
    ],
    reports: [UNMADE],
  })
  const outcome = withoutGenerated(
    judgeBuild(fromCommand(ran, { passed: "built", findings: [], tests: [] })),
    ran,
  )
  if (outcome.verdict !== "passed") return outcome
  if (startedNothing(one.workspace, one.script, project.workspaces, outcome.log.text))
    return { ...outcome, verdict: "skipped", summary: startedNothingText(one.script) }
  const made = madeBetween(before, ran.container)
  return { ...outcome, container: ran.container, made, ...artifact(one, ran.container, made) }
}

/** What a build for an environment made, for the evidence. */
function artifact(
  { environment, workspace: { name } }: Build,
  container: Container,
  made: Directory,
): Pick<StageResult, "files"> {
  if (environment === null) return {}
  const archive = container
    .withDirectory("/slipway/made", made)
    .withExec(["tar", "-czf", "/slipway/made.tar.gz", "-C", "/slipway/made", "."])
    .file("/slipway/made.tar.gz")
  return { files: { [`build/${name}-${environment}.tar.gz`]: archive } }
}

/** What a build needs and does not have here, by the words of its log. The first match counts. */
const LACKING: readonly {
  readonly patterns: readonly RegExp[]
  readonly say: string
  readonly cause: Cause
}[] = [
  {
    patterns: [
      /invalid environment variables|\bmissing\b.{0,40}\benv(?:ironment)?\b.{0,10}\bvar/i,
      /\benv(?:ironment)?[ -]var\w*\b.{0,60}\b(?:missing|not (?:set|defined|found|provided)|required|undefined)\b/i,
      /\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b['"`]?.{0,3}\b(?:is|are) (?:missing|not (?:set|provided)|required|undefined)\b/,
      /\b[Mm]issing (?:required )?['"`]?[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b/,
    ],
    say: "the build needs variables that are not set here; set them as `stages.build.env` in slipway.yaml",
    cause: "errored",
  },
  {
    patterns: [UNREACHABLE, /failed to fetch .{0,80}\bgoogle fonts/i],
    say: "the build needs a network or a service that is not reachable here",
    cause: "download",
  },
]

/** Tells a build that lacks something here, which says nothing of the code, from one that fails. */
export function judgeBuild(outcome: StageResult): StageResult {
  if (outcome.cause !== "failed" || COMPILER.test(outcome.log.text)) return outcome
  const lines = outcome.log.text.split("\n")
  for (const { patterns, say, cause } of LACKING) {
    const line = lines.find((one) => patterns.some((pattern) => pattern.test(one)))
    if (line !== undefined)
      return { ...outcome, verdict: "errored", cause, summary: `${say}: ${oneLine(line, LONGEST)}` }
  }
  return outcome
}

/** A compiler names an error in the code, whatever else the log says. */
const COMPILER = /\berror TS\d+: /

/** Characters of a line that is shown. */
const LONGEST = 200
