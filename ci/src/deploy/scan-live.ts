import { dag, type Service } from "@dagger.io/dagger"
import type { Call } from "../call.js"
import { conclude, ended, explained, runThese } from "../finish.js"
import { type Opened, open } from "../image/open.js"
import { pull } from "../image/pull.js"
import { type Pinned, parseImages, parsePinned, pinnedName, repositoryName } from "../image/reference.js"
import type { Access } from "../image/registry.js"
import { detectIn } from "../project/detect.js"
import type { Project } from "../project/project.js"
import { Fault } from "../run/fault.js"
import type { Stage } from "../run/stage.js"
import { scanOf } from "../security/security.js"
import { groundOf, statusOf } from "./functions.js"
import { nameOf } from "./request.js"
import type { Result } from "./talk.js"

/** What a caller says of images to scan: an environment, or the images themselves. */
export interface SaidOfLive {
  readonly env: string
  readonly images: string
  readonly username: string
  readonly registry: Service | undefined
}

/** Scans images that run somewhere, by the project's scanners, policy and waivers of today. */
export const scanLive = (call: Call, { env, images, username, registry }: SaidOfLive): Promise<string> =>
  explained(async () => {
    if ((env === "") === (images === ""))
      throw new Fault("configuration", {
        what: "it must be said what is to be scanned",
        where: null,
        fix: "hand over --env with an environment that Slipway deploys to, or --images with images by digest",
      })
    if (images !== "") return scan(call, await open(call, username, registry), parseImages(images))
    const on = await groundOf(call, { action: "status", env, username, registry })
    const status = await statusOf(call, on, env)
    return status.exitCode === 0
      ? scan(call, on.opened, liveImages(status.live, env))
      : ended(status.exitCode, status.text, on.opened.config.images)
  })

/**
 * The images that run in an environment, each once.
 *
 * @throws {Fault} `no-image` where none runs, or one that the deployer does not know.
 */
export function liveImages(live: Result["live"], env: string): readonly Pinned[] {
  const refuse = (what: string, fix: string): never => {
    throw new Fault("no-image", { what, where: null, fix })
  }
  if ("unknown" in live)
    return refuse(`what runs in ${env} could not be looked at: ${live.unknown}`, "see what AWS said")
  const running = live.services
    .filter(({ revision }) => revision !== null)
    .flatMap(({ service, image, besides }) => [{ image }, ...besides].map((one) => ({ service, ...one })))
  const strange = running.find(({ image }) => image === null)
  if (strange)
    return refuse(
      `what runs in ${env} as ${strange.service} was not deployed by Slipway`,
      "name its image with --images, or deploy it",
    )
  if (running.length === 0)
    return refuse(`nothing runs in ${env}`, "deploy there first, or name another environment")
  return [...new Set(running.flatMap(({ image }) => image ?? []))].map(parsePinned)
}

async function scan(call: Call, opened: Opened, images: readonly Pinned[]): Promise<string> {
  const project = await detectIn(opened)
  const platform = project.config.image.platforms[0] ?? (await dag.defaultPlatform())
  const stages = images.map((image) => stageOf(project, opened.access, image, platform))
  return conclude(await runThese(call, { project, source: opened.source }, stages, true))
}

function stageOf(project: Project, access: Access, image: Pinned, platform: string): Stage {
  return scanOf(project, {
    name: `scan:live:${nameOf(image, project.config)}:${image.digest.slice("sha256:".length, 19)}`,
    needs: [],
    because: pinnedName(image),
    place: placeOf(image, project),
    tarball: () => pull(access, image, platform),
  })
}

/** The Dockerfile that an image is built from, so that its findings are those of the check; else its repository. */
const placeOf = (image: Pinned, project: Project): string =>
  [project.root, ...project.workspaces].find(({ name }) => name === nameOf(image, project.config))
    ?.dockerfile ?? repositoryName(image)
