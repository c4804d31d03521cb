import { errored, explain, failedCommand } from "../plan/explain.js"
import type { Project, Workspace } from "../plan/project.js"
import type { Applies, Given, Stage, StageKind, StageResult } from "../plan/stage.js"

/** Seconds for a build, where slipway.yaml does not say. */
const TIMEOUT = 1200

/** Milliseconds within which no build is done, only remembered: the engine does not say which it was. */
const REMEMBERED = 1000

/** Builds each workspace's image from its Dockerfile. */
export const image: StageKind = {
  kind: "image",
  purpose: "builds images from the app's Dockerfiles",
  applies(project): Applies {
    const found = [project.root, ...project.workspaces].filter((workspace) => workspace.dockerfile !== null)
    return found.length > 0
      ? { applies: true, stages: found.map((workspace) => stageFor(project, workspace)) }
      : { applies: false, reason: "there is no Dockerfile" }
  },
}

function stageFor(project: Project, workspace: Workspace): Stage {
  return {
    name: workspace.path === "" ? "image" : `image:${workspace.name}`,
    kind: "image",
    needs: [],
    because: workspace.dockerfile ?? "",
    inputs: contextFiles(project, workspace),
    run: (given) => build(given, workspace),
  }
}

/**
 * The files of a build context. In a context shared by workspaces, the others' sources are left out, since a
 * Dockerfile reads its own; their package.json stays, for the lock file.
 */
export function contextFiles(project: Project, workspace: Workspace): Stage["inputs"] {
  if (workspace.context !== "") return { include: [`${workspace.context}/**`], exclude: [] }
  const used = [workspace.path, ...workspace.needs]
  const others = project.workspaces.filter(({ path }) => path !== "" && !used.includes(path))
  return {
    include: ["**"],
    exclude:
      workspace.path === "" ? [] : others.flatMap(({ path }) => [`${path}/**`, `!${path}/package.json`]),
  }
}

async function build(given: Given, workspace: Workspace): Promise<StageResult> {
  const timeout = given.project.config.stages.image.timeout ?? TIMEOUT
  const context = workspace.context === "" ? given.source : given.source.directory(workspace.context)
  const dockerfile = (workspace.dockerfile ?? "").slice(
    workspace.context === "" ? 0 : workspace.context.length + 1,
  )
  const startedAt = Date.now()
  const step = (exitCode: number) => ({
    name: "build",
    command: `docker build -f ${workspace.dockerfile} ${workspace.context || "."}`,
    startedAt,
    endedAt: Date.now(),
    exitCode,
    timedOut: false,
    attempts: 1,
  })
  try {
    const built = await given.built(context.dockerBuild({ dockerfile }), timeout)
    const [user, platform] = await Promise.all([built.user(), built.platform()])
    return {
      verdict: "passed",
      cause: null,
      summary: `built for ${platform}, runs as ${user === "" || user === "root" ? "root" : `user ${user}`}`,
      findings: [],
      tests: [],
      steps: [step(0)],
      log: { text: "", lines: 0 },
      container: built,
      cached: Date.now() - startedAt < REMEMBERED,
      images: [{ name: workspace.name, digest: null, purpose: `built from ${workspace.dockerfile}` }],
    }
  } catch (error) {
    const why = explain(error)
    if (why.cause === "download" || why.cause === "timed-out") return { ...why, steps: [step(1)] }
    return { ...failure(error, why.log.text, workspace), steps: [step(failedCommand(error)?.exitCode ?? 1)] }
  }
}

/** A build that failed: by the command that did, where the engine names one. */
export function failure(error: unknown, message: string, workspace: Workspace): StageResult {
  const failed = failedCommand(error)
  const first = message.split("\n").find((line) => line.trim() !== "") ?? "no reason given"
  const what = failed
    ? `${failed.command.replace(/^\/bin\/sh -c /, "RUN ")} exited with code ${failed.exitCode}`
    : first
  return { ...errored("dockerfile", `${workspace.dockerfile}: ${what}`, message), verdict: "failed" }
}
