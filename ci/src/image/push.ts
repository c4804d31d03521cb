import { type Container, type Directory, dag, type File } from "@dagger.io/dagger"
import { baseImages } from "../project/dockerfile/stages.js"
import type { Dockerfile, Project } from "../project/project.js"
import { detectIn } from "../project/repository.js"
import { Fault } from "../run/fault.js"
import type { StageResult } from "../run/stage.js"
import { buildFailure, contextOf, foreign, imagesOf, lacking, platformsOf, unbuilt } from "./build.js"
import type { Opened } from "./open.js"
import { onPlatform } from "./platform.js"
import { parseRepository, pinnedName, type Repository, repositoryName } from "./reference.js"
import { atRegistry } from "./registry.js"
import type { BuildDescription, Resource } from "./statements.js"

/** The label that holds an image's {@link BuildDescription}. */
export const DESCRIPTION = "io.slipway.build"

const DIGEST = "/slipway/digest"
const TIMEOUT = 1200

/**
 * Builds the image of each Dockerfile and pushes it under the commit's hash.
 *
 * @param registry where to: each image's repository lies under it.
 * @returns each image by its digest, one a line.
 */
export async function push(opened: Opened, registry: string): Promise<string> {
  const commit = commitOf(opened)
  const { whole: project } = await detectIn(opened)
  const dockerfiles = imagesOf(project)
  if (dockerfiles.length === 0)
    throw new Fault("no-project", {
      what: "no image to push: the project has no Dockerfile to build",
      where: null,
      fix: "add a Dockerfile to the project or to a workspace",
    })
  const pushed: string[] = []
  for (const dockerfile of dockerfiles) {
    const name = opened.config.image.workspaces[dockerfile.name]?.repository ?? dockerfile.name.toLowerCase()
    const repository = parseRepository(`${registry.replace(/\/+$/, "")}/${name}`)
    pushed.push(await pushOne({ ...opened, project }, dockerfile, commit, repository))
  }
  return pushed.join("\n")
}

/** Hash of the commit that a run is for. @throws {Fault} `commit` */
export function commitOf({ context }: Pick<Opened, "context">): string {
  if (context.commit !== null) return context.commit
  throw new Fault("commit", {
    what: "cannot tag images: the commit is unknown",
    where: null,
    fix: `pass \`--run '{"commit":"…"}'\` before the function; wrappers and ./slipway pass it themselves`,
  })
}

/** What an image is built from. */
interface Built extends Opened {
  readonly project: Project
}

async function pushOne(
  opened: Built,
  dockerfile: Dockerfile,
  commit: string,
  repository: Repository,
): Promise<string> {
  const archive = await archiveOf(opened, dockerfile, commit)
  const tagged = `${repositoryName(repository)}:${commit}`
  const ran = await atRegistry(opened.access, {
    repositories: [repository],
    prepare: (container) => container.withMountedFile("/image.tar", archive),
    steps: [
      { name: "push", run: `regctl image import ${tagged} /image.tar`, timeout: TIMEOUT },
      { name: "digest", run: `regctl image digest ${tagged} >${DIGEST}`, timeout: 60 },
    ],
    reports: [DIGEST],
  })
  return pinnedName({ ...repository, digest: (ran.reports[DIGEST] ?? "").trim() })
}

/** An image for all its platforms as an OCI archive, with labels that say what it was built from. */
async function archiveOf(opened: Built, dockerfile: Dockerfile, commit: string): Promise<File> {
  const { project, source } = opened
  const files = contextOf(project, dockerfile, source)
  const lacks = lacking(dockerfile, Object.keys(opened.variables))
  if (lacks !== null) throw unbuildable(lacks)
  const engine = await dag.defaultPlatform()
  const built: Container[] = []
  for (const platform of platformsOf(project)) {
    const container = await unbuilt(dockerfile, files, platform, opened.variables)
      .sync()
      .catch((error: unknown) => {
        throw unbuildable(buildFailure(error, dockerfile, platform, engine))
      })
    const made = await onPlatform(container, platform, dockerfile, files)
    if (made.container === null) throw unbuildable(foreign(dockerfile, made.platform, engine, made.why))
    built.push(made.container)
  }
  const description = await describe(opened, dockerfile, commit, files)
  const labels = labelsOf(description)
  const [first, ...others] = built.map((container) =>
    labels.reduce((made, [name, value]) => made.withLabel(name, value), container),
  )
  if (first === undefined) throw new Error("no platform was asked for")
  return first.asTarball({ platformVariants: others })
}

const unbuildable = ({ cause, summary, log }: StageResult): Fault =>
  new Fault(cause ?? "errored", {
    what: `${summary}\n${log.text.trim().split("\n").slice(-20).join("\n")}`,
    where: null,
    fix: "`build` shows the whole log",
  })

/**
 * Labels of an image, by the OCI's names. When it was made is not among them: the same commit gives the same
 * digest, however often it is pushed.
 *
 * @see https://github.com/opencontainers/image-spec/blob/main/annotations.md
 */
export const labelsOf = (build: BuildDescription): readonly (readonly [string, string])[] => [
  ["org.opencontainers.image.title", build.workspace],
  ["org.opencontainers.image.revision", build.commit],
  ...(build.source === null ? [] : [["org.opencontainers.image.source", build.source] as const]),
  [DESCRIPTION, JSON.stringify(build)],
]

async function describe(
  { project }: Built,
  dockerfile: Dockerfile,
  commit: string,
  files: Directory,
): Promise<BuildDescription> {
  const { name, file, args, target } = dockerfile
  const [text, digest] = await Promise.all([files.file(file).contents(), files.digest()])
  const bases = baseImages(text, args)
  return {
    workspace: name,
    dockerfile: file,
    target,
    args,
    platforms: project.config.image.platforms,
    source: project.config.image.source,
    commit,
    inputs: [
      { name: "build context", digest: { dagger: digest } },
      ...(await Promise.all(bases.map(resolved))),
    ],
  }
}

/** A base image by the digest that its name stands for; without one where the registry no longer says. */
async function resolved(image: string): Promise<Resource> {
  try {
    const [uri = image, digest = ""] = (await dag.container().from(image).imageRef()).split("@sha256:")
    return { uri, digest: { sha256: digest } }
  } catch {
    return { uri: image }
  }
}
