import { settingsOf } from "../config/stage-settings.js"
import { fromCommand } from "../run/outcome.js"
import {
  type Given,
  type Stage,
  type StageKind,
  type StageResult,
  WORKDIR,
  withEnvironment,
} from "../run/stage.js"
import { BUILD } from "./build-order.js"
import { type Build, buildsBefore, buildsOf, neededBuilds } from "./builds.js"
import { installStage } from "./install.js"
import { hasManifest, workspaceFiles } from "./packages.js"
import { joinPath } from "./paths.js"
import type { Project } from "./project.js"
import { scriptCommand, workplace } from "./workplace.js"

/** Seconds, where slipway.yaml does not say. */
const TIMEOUT = 900

/** Runs the project's own builds, each once. Other stages get what they made. */
export const build: StageKind = {
  kind: BUILD,
  scope: "node",
  applies(project) {
    if (!hasManifest(project)) return { applies: false, reason: "no package.json" }
    const builds = buildsOf(project)
    return builds.length === 0
      ? { applies: false, reason: "no package.json has a script build" }
      : { applies: true, stages: builds.map((one) => stageFor(project, one)) }
  },
}

const stageFor = (project: Project, one: Build): Stage => ({
  name: one.stage,
  kind: BUILD,
  needs: [installStage(project), ...buildsBefore(project, one).map(({ stage }) => stage)],
  because: [scriptText(one), ...firstText(project, one)].join(", "),
  inputs: { include: workspaceFiles(project, one.workspace), exclude: [] },
  run: (given) => run(given, one),
})

const scriptText = ({ script, workspace: { path } }: Build): string =>
  `the script ${script} in ${joinPath(path, "package.json")}`

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

async function run(given: Given, one: Build): Promise<StageResult> {
  const { project } = given
  const { timeout, env } = settingsOf(project.config, BUILD)
  const before = withEnvironment(workplace(given, one.workspace, buildsBefore(project, one)), env)
  const ran = await given.command({
    container: before,
    steps: [{ name: BUILD, run: scriptCommand(project, one.script), timeout: timeout ?? TIMEOUT }],
  })
  const outcome = fromCommand(ran, { passed: "built", findings: [], tests: [] })
  if (outcome.verdict !== "passed") return outcome
  const made = before.directory(WORKDIR).diff(ran.container.directory(WORKDIR))
  return { ...outcome, container: ran.container, made }
}
