import { dag, type Service } from "@dagger.io/dagger"
import { conclude, ended, runThese } from "../finish.js"
import { type Opened, open } from "../image/open.js"
import { pull } from "../image/pull.js"
import { type Pinned, parseImages, parsePinned, pinnedName, repositoryName } from "../image/reference.js"
import type { Access } from "../image/registry.js"
import type { Project } from "../project/project.js"
import { detectIn } from "../project/repository.js"
import { Fault } from "../run/fault.js"
import type { Request } from "../run/request.js"
import type { Stage } from "../run/stage.js"
import { scanOf } from "../security/security.js"
import type { Result } from "./client.js"
import { checkoutOf, statusOf } from "./functions.js"
import { nameOf } from "./request.js"

/** The images to scan: those of an environment, or a list. */
interface ScanOptions {
  readonly env: string
  readonly images: string
  readonly username: string
  readonly registry: Service | undefined
}

/** Scans running images with the project's current scanners, policy and waivers. */
export async function scanLive(
  caller: Request,
  { env, images, username, registry }: ScanOptions,
): Promise<string> {
  if ((env === "") === (images === ""))
    throw new Fault("configuration", {
      what: env === "" ? "nothing to scan" : "both `--env` and `--images` given",
      where: null,
      fix: "add either `--env` with an environment, or `--images` with images by digest",
    })
  if (images !== "") return scan(caller, await open(caller, username, registry), parseImages(images))
  const checkout = await checkoutOf(caller, { action: "status", env, username, registry })
  const status = await statusOf(caller, checkout, env)
  return status.exitCode === 0
    ? scan(caller, checkout.opened, liveImages(status.live, env))
    : ended(status.exitCode, status.text, checkout.opened.config.images)
}

/**
 * Returns the images that run in an environment, without duplicates.
 *
 * @throws {Fault} `no-image` if none runs, or if Slipway did not deploy one of them.
 */
export function liveImages(live: Result["live"], env: string): readonly Pinned[] {
  const refuse = (what: string, fix: string): never => {
    throw new Fault("no-image", { what, where: null, fix })
  }
  if ("unknown" in live)
    return refuse(`cannot read what runs in ${env}: ${live.unknown}`, "fix the error that AWS reports")
  const running = live.services
    .filter(({ revision }) => revision !== null)
    .flatMap(({ service, image, besides }) => [{ image }, ...besides].map((one) => ({ service, ...one })))
  const strange = running.find(({ image }) => image === null)
  if (strange)
    return refuse(
      `${strange.service} in ${env} runs an image that Slipway did not deploy`,
      "pass the image with `--images`, or deploy the service with Slipway",
    )
  if (running.length === 0)
    return refuse(`nothing runs in ${env}`, "deploy to it first, or choose another environment")
  return [...new Set(running.flatMap(({ image }) => image ?? []))].map(parsePinned)
}

async function scan(caller: Request, opened: Opened, images: readonly Pinned[]): Promise<string> {
  const { whole: project } = await detectIn(opened)
  const platform = project.config.image.platforms[0] ?? (await dag.defaultPlatform())
  const stages = images.map((image) => stageOf(project, opened.access, image, platform))
  return conclude(await runThese(caller, { project, source: opened.source }, stages, true))
}

function stageOf(project: Project, access: Access, image: Pinned, platform: string): Stage {
  return scanOf(project, {
    // Whoever asks for it wants to know: what runs has no base to be new against.
    gate: "own",
    name: `scan:live:${nameOf(image, project.config)}:${image.digest.slice("sha256:".length, 19)}`,
    needs: [],
    because: pinnedName(image),
    place: placeOf(image, project),
    tarball: () => pull(access, image, platform),
  })
}

/** Returns the image's Dockerfile, so that findings match those of the check; or else its repository. */
const placeOf = (image: Pinned, project: Project): string =>
  project.dockerfiles.find(({ name }) => name === nameOf(image, project.config))?.file ??
  repositoryName(image)
