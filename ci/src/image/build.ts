import type { Container, Directory, Platform } from "@dagger.io/dagger"
import { didYouMean } from "../config/suggest.js"
import { engineFilter, escapeGlob, filesBelow } from "../formats/glob.js"
import { withTargets } from "../project/links.js"
import type { Project, Workspace } from "../project/project.js"
import { errored, explain, failedCommand } from "../run/explain.js"
import { Fault } from "../run/fault.js"
import { exited } from "../run/outcome.js"
import type { Stage, StageResult } from "../run/stage.js"

/**
 * The workspaces that have a Dockerfile.
 *
 * @throws {Fault} `configuration` where slipway.yaml has settings for an image that there is none of.
 */
export function imageWorkspaces(project: Project): readonly Workspace[] {
  const found = [project.root, ...project.workspaces].filter((workspace) => workspace.dockerfile !== null)
  const names = found.map(({ name }) => name)
  for (const name of Object.keys(project.config.image.workspaces)) {
    if (names.includes(name)) continue
    throw new Fault("configuration", {
      what: `image.workspaces names ${name}, which has no Dockerfile${didYouMean(name, names)}`,
      where: "slipway.yaml",
      fix: `name one of ${names.join(", ") || "the workspaces with a Dockerfile"}`,
    })
  }
  return found
}

/**
 * The files of a build context, without those that its .dockerignore names: what runs on the image would run again
 * for a change of theirs. In a context shared by workspaces, the others' sources are left out as well, since a
 * Dockerfile reads its own; their package.json stays, for the lock file.
 */
export function contextFiles(project: Project, workspace: Workspace): Stage["inputs"] {
  const { context, dockerfile } = workspace
  const ignored = workspace.ignored.map((pattern) =>
    context === "" ? pattern : pattern.replace(/^!?/, (not) => `${not}${escapeGlob(context)}/`),
  )
  // A build reads its Dockerfile even where the context is without it.
  const left = ignored.length === 0 ? [] : [...ignored, `!${escapeGlob(dockerfile ?? "")}`]
  // What a context does not hold is not there for a build, whatever links say.
  const exact = project.links.length > 0 ? ({ exact: true } as const) : {}
  if (context !== "") return { include: [filesBelow(context)], exclude: left, ...exact }
  const used = [workspace.path, ...workspace.needs]
  const others = project.workspaces.filter(({ path }) => path !== "" && !used.includes(path))
  const apart =
    workspace.path === ""
      ? []
      : others.flatMap(({ path }) => [filesBelow(path), `!${escapeGlob(path)}/package.json`])
  const { exclude } = withTargets({ include: ["**"], exclude: apart }, project.links, project.files)
  return { include: ["**"], exclude: [...exclude, ...left], ...exact }
}

/** The files of {@link contextFiles}, out of a project's. */
export function contextOf(project: Project, workspace: Workspace, source: Directory): Directory {
  return source.filter(engineFilter(contextFiles(project, workspace)))
}

/** The platforms that images are asked for; null stands for the engine's own. */
export function platformsOf(project: Project): readonly (Platform | null)[] {
  const asked = project.config.image.platforms.filter(isPlatform)
  return asked.length > 0 ? asked : [null]
}

/** A name of the shape that slipway.yaml's schema has checked. */
const isPlatform = (name: string): name is Platform => name.includes("/")

/**
 * An image, not yet built. It says nothing of the commit: a commit that changes none of its files builds nothing.
 *
 * @param source the files of {@link contextFiles}.
 */
export function unbuilt(
  project: Project,
  workspace: Workspace,
  source: Directory,
  platform: Platform | null,
): Container {
  const { context, dockerfile } = workspace
  const settings = project.config.image.workspaces[workspace.name]
  return (context === "" ? source : source.directory(context)).dockerBuild({
    dockerfile: (dockerfile ?? "").slice(context === "" ? 0 : context.length + 1),
    buildArgs: Object.entries(settings?.args ?? {}).map(([name, value]) => ({ name, value })),
    ...(settings?.target ? { target: settings.target } : {}),
    ...(platform === null ? {} : { platform }),
  })
}

/** The command line that does the same, for a person to repeat. */
export function buildCommand(project: Project, workspace: Workspace, platform: Platform | null): string {
  const settings = project.config.image.workspaces[workspace.name]
  return [
    "docker build",
    ...(platform === null ? [] : [`--platform ${platform}`]),
    ...(settings?.target ? [`--target ${settings.target}`] : []),
    ...Object.entries(settings?.args ?? {}).map(([name, value]) => `--build-arg ${name}=${value}`),
    `-f ${workspace.dockerfile} ${workspace.context || "."}`,
  ].join(" ")
}

/** What a machine says of another one's programs, and a registry of an image that it has not for a platform. */
const FOREIGN = /exec format error|no match for platform|does not match the specified platform/i

/** What became of a build that did not come to an image. */
export function buildFailure(
  error: unknown,
  workspace: Workspace,
  platform: Platform | null,
  engine: Platform,
): StageResult {
  const why = explain(error)
  const { text } = why.log
  if (platform !== null && platform !== engine && FOREIGN.test(text))
    return foreign(workspace, platform, engine, text)
  if (why.cause === "download" || why.cause === "timed-out") return why
  return failure(error, text, workspace)
}

/** An image for another platform than the engine's, which can't build it. */
export const foreign = (
  workspace: Workspace,
  platform: Platform,
  engine: Platform,
  log: string,
): StageResult =>
  errored(
    "errored",
    `${workspace.dockerfile} cannot be built for ${platform} on this engine for ${engine}: take it out of ` +
      "image.platforms, use base images that have it, or give the engine's machine emulation (QEMU, binfmt_misc)",
    log,
  )

/** A build that failed: by the command that did, where the engine names one. */
export function failure(error: unknown, message: string, workspace: Workspace): StageResult {
  const failed = failedCommand(error)
  const [first = "no reason given", ...output] = message.split("\n").filter((line) => line.trim() !== "")
  const name = failed?.command.replace(/^\/bin\/sh -c /, "RUN ")
  const what = failed && name ? exited({ name, exitCode: failed.exitCode }, output.join("\n")) : first
  return { ...errored("dockerfile", `${workspace.dockerfile}: ${what}`, message), verdict: "failed" }
}
