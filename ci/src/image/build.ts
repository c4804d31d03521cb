import type { Container, Directory, Platform, Secret } from "@dagger.io/dagger"
import { didYouMean } from "../config/suggest.js"
import { engineFilter, escapeGlob, filesBelow, globMatcher, withoutBraces } from "../formats/glob.js"
import { withTargets } from "../project/links.js"
import type { Dockerfile, Project } from "../project/project.js"
import { headersMissing } from "../project/python-headers.js"
import { errored, explain, failedCommand } from "../run/explain.js"
import { Fault } from "../run/fault.js"
import { exited } from "../run/outcome.js"
import type { Stage, StageResult } from "../run/stage.js"
import { unreachable, unreachableText } from "../run/unreachable.js"

/**
 * The Dockerfiles that are built.
 *
 * @throws {Fault} `configuration` where slipway.yaml has settings for an image that does not exist.
 */
export function imagesOf(project: Project): readonly Dockerfile[] {
  const names = project.dockerfiles.map(({ name }) => name)
  for (const name of Object.keys(project.config.image.workspaces)) {
    if (names.includes(name)) continue
    throw new Fault("configuration", {
      what: `image.workspaces names ${name}, which has no Dockerfile${didYouMean(name, names)}`,
      where: "slipway.yaml",
      fix: `name one of ${names.join(", ") || "the images in `plan`"}, or give it \`dockerfile\``,
    })
  }
  return project.dockerfiles
}

/**
 * The files of a build context, without those that its .dockerignore names: what runs on the image would run again
 * for a change of theirs. Of a context shared by workspaces, those are left out that the Dockerfile does not copy
 * from; their package.json stays, for the lock file.
 */
export function contextFiles(project: Project, dockerfile: Dockerfile): Stage["inputs"] {
  const { context, file, reads, workspace } = dockerfile
  const ignored = dockerfile.ignored.map((pattern) =>
    context === "" ? pattern : pattern.replace(/^!?/, (not) => `${not}${escapeGlob(context)}/`),
  )
  // A build reads its Dockerfile even where the context is without it.
  const left = ignored.length === 0 ? [] : [...ignored, `!${escapeGlob(file)}`]
  // What a context does not hold is not there for a build, whatever links say.
  const exact = project.links.length > 0 ? ({ exact: true } as const) : {}
  const outside = context === "" || file.startsWith(`${context}/`) ? [] : [escapeGlob(file)]
  const include = [filesBelow(context), ...outside]
  if (context !== "" || reads === null || workspace === null || workspace.path === "")
    return { include, exclude: left, ...exact }
  const used = [workspace.path, ...workspace.needs]
  const others = project.workspaces.filter(({ path }) => !used.includes(path) && !copiesAll(reads, path))
  const apart = others.flatMap(({ path }) => without(path, reads))
  const { exclude } = withTargets({ include: ["**"], exclude: apart }, project.links, project.files)
  return { include, exclude: [...exclude, ...left], ...exact }
}

/** True where a Dockerfile copies a whole folder: by its name, or that of one around it. */
const copiesAll = (reads: readonly string[], path: string): boolean =>
  globMatcher(reads.map(withoutBraces))(`${path}/.any`)

/** Leaves out a folder, but for its package.json and what the Dockerfile copies of it. */
const without = (path: string, reads: readonly string[]): readonly string[] => {
  const copied = reads.filter((source) => source.startsWith(`${path}/`)).map(withoutBraces)
  const kept = new Set([`${escapeGlob(path)}/package.json`, ...copied])
  return [filesBelow(path), ...[...kept].map((file) => `!${file}`)]
}

/** The files of a build context that Git LFS keeps. */
export function lfsFiles(project: Project, dockerfile: Dockerfile): readonly string[] {
  const { include, exclude } = contextFiles(project, dockerfile)
  const [wanted, unwanted] = [globMatcher(include), globMatcher(exclude)]
  return project.attributes.lfs.filter((file) => wanted(file) && !unwanted(file))
}

/** The files of {@link contextFiles}, out of a project's. */
export function contextOf(project: Project, dockerfile: Dockerfile, source: Directory): Directory {
  return source.filter(engineFilter(contextFiles(project, dockerfile)))
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
 * @param variables secrets that its Dockerfile may mount, by name.
 */
export function unbuilt(
  { context, file, args, target }: Dockerfile,
  source: Directory,
  platform: Platform | null,
  variables: Readonly<Record<string, Secret>> = {},
): Container {
  const prefix = context === "" ? "" : `${context}/`
  const inside = file.startsWith(prefix)
  const folder = context === "" ? source : source.directory(context)
  return (inside ? folder : folder.withFile(OUTSIDE, source.file(file))).dockerBuild({
    dockerfile: inside ? file.slice(prefix.length) : OUTSIDE,
    buildArgs: Object.entries(args).map(([name, value]) => ({ name, value })),
    ...(target ? { target } : {}),
    ...(platform === null ? {} : { platform }),
    secrets: Object.values(variables),
  })
}

/** Name of a Dockerfile from outside of its context. */
const OUTSIDE = ".slipway.Dockerfile"

/** The command line that does the same, for a person to repeat. */
export function buildCommand({ context, file, args, target }: Dockerfile, platform: Platform | null): string {
  return [
    "docker build",
    ...(platform === null ? [] : [`--platform ${platform}`]),
    ...(target ? [`--target ${target}`] : []),
    ...Object.entries(args).map(([name, value]) => `--build-arg ${name}=${value}`),
    `-f ${file} ${context || "."}`,
  ].join(" ")
}

/** What a Dockerfile lacks before its build begins; null for one that lacks nothing. @param given the names of secrets that its build gets. */
export function lacking(
  { name, file, missing, secrets }: Dockerfile,
  given: readonly string[],
): StageResult | null {
  const [argument] = missing
  if (argument !== undefined) {
    const declared =
      argument.declared === null ? "is not declared" : `has no default (${file}:${argument.declared})`
    const what = `${file}:${argument.line}: FROM ${argument.from} needs the build argument ${argument.name}, which ${declared}`
    const fix = `set \`image.workspaces.${name}.args.${argument.name}\` in slipway.yaml, or give ARG a default`
    return { ...errored("dockerfile", `${what}. To fix it: ${fix}`, ""), verdict: "failed" }
  }
  const secret = secrets.find((one) => !given.includes(one))
  if (secret === undefined) return null
  const why = `${file}: the build needs the secret ${secret} (\`--mount=type=secret\`, required), which nobody gives`
  return errored("token", `${why}. ${waysTo(secret)}`, "")
}

/** How to give a secret: a variable of the environment has no other signs in its name. */
const waysTo = (secret: string): string =>
  /^[A-Za-z_]\w*$/.test(secret)
    ? `Name ${secret} under \`secrets\` in slipway.yaml, and set that variable where Slipway is called`
    : "Give it the name of a variable (`id=NPM_TOKEN`), which `secrets` of slipway.yaml can name, or make it `required=false`"

/** What a machine says of another one's programs, and a registry of an image that it has not for a platform. */
const FOREIGN = /exec format error|no match for platform|does not match the specified platform/i

/** What a stand-in of the embedded engine says where Debian has no package of Alpine's. */
const NOT_ALPINE = /this engine's image is Debian, which has no package [^\s.]+/

/** What became of a build that did not come to an image. */
export function buildFailure(
  error: unknown,
  dockerfile: Dockerfile,
  platform: Platform | null,
  engine: Platform,
): StageResult {
  const why = explain(error)
  const { text } = why.log
  if (platform !== null && platform !== engine && FOREIGN.test(text))
    return foreign(dockerfile, platform, engine, text)
  const missing = NOT_ALPINE.exec(text)?.[0] ?? headersMissing(text)
  if (missing !== null) return errored("errored", `${dockerfile.file} cannot be built here: ${missing}`, text)
  if (why.cause === "download" || why.cause === "timed-out") return why
  const away = unreachable(text)
  if (away !== null)
    return errored("download", `${dockerfile.file} cannot be built here: ${unreachableText(away)}`, text)
  return failure(error, text, dockerfile)
}

/** An image for another platform than the engine's, which can't build it. */
export const foreign = (
  { file }: Dockerfile,
  platform: Platform,
  engine: Platform,
  log: string,
): StageResult =>
  errored(
    "errored",
    `${file} cannot be built for ${platform} on this engine for ${engine}: take it out of ` +
      "image.platforms, use base images that have it, or give the engine's machine emulation (QEMU, binfmt_misc)",
    log,
  )

/** A build that failed: by the command that did, where the engine names one. */
export function failure(error: unknown, message: string, { file }: Dockerfile): StageResult {
  const failed = failedCommand(error)
  const [first = "no reason given", ...output] = message.split("\n").filter((line) => line.trim() !== "")
  const name = failed?.command.replace(/^\/bin\/sh -c /, "RUN ")
  const what = failed && name ? exited({ name, exitCode: failed.exitCode }, output.join("\n")) : first
  return { ...errored("dockerfile", `${file}: ${what}`, message), verdict: "failed" }
}
