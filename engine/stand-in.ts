import { execFileSync } from "node:child_process"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import type { Writable } from "node:stream"
import type { Client, Container } from "@dagger.io/dagger"
import { repositoryOf } from "../ci/src/run/images.js"
import { clientEnvironment } from "./client.js"
import { REGISTRY } from "./config.js"
import { fill } from "./fill.js"
import { buildProgram } from "./go-program.js"
import { fingerprint } from "./host/home.js"
import type { Task } from "./host/progress.js"
import { hostProgram } from "./host-program.js"
import { layout } from "./layout.js"
import { packFolder, writeLayout } from "./oci.js"
import type { Parts } from "./parts.js"
import { type Recipe, recipeOf, type StandIn } from "./recipes/index.js"

/** An image that was made here. */
interface Pin {
  /** `name:tag`. */
  readonly image: string
  readonly digest: string
  /** Fingerprint of its recipe and of what it builds on. */
  readonly recipe: string
}

const pinFile = (image: Recipe): string =>
  path.join(layout().pins, `${image.name.replaceAll("/", "-")}-${image.tag}.json`)

function readPin(file: string): Pin | null {
  try {
    return JSON.parse(fs.readFileSync(file, "utf8"))
  } catch {
    return null
  }
}

/** Writes a pin once the image's blobs are on disk: after a loss of power, none names an image that is cut off. */
function writePin(image: Recipe, made: Pin): void {
  execFileSync("sync", ["--file-system", layout().registry])
  const next = `${pinFile(image)}.${process.pid}`
  fs.writeFileSync(next, JSON.stringify(made), { flush: true })
  fs.renameSync(next, pinFile(image))
}

/** The digest of an image made here from today's recipe, or null: then it is to be made. */
export function pinned(image: Recipe, parts: Parts): string | null {
  const known = readPin(pinFile(image))
  return known?.recipe === recipe(image, parts) ? known.digest : null
}

/** What an image is made from: another recipe, or another root, makes another image. */
function recipe(image: Recipe, parts: Parts): string {
  const { from } = image.standIn
  const below = from === null ? undefined : recipeOf(from)
  return fingerprint(
    JSON.stringify(image.standIn),
    below ? recipe(below, parts) : path.basename(path.dirname(parts.baseRoot)),
  )
}

/** The digests of the images made here, by `name:tag`. */
export function pins(): Readonly<Record<string, string>> {
  const files = fs.readdirSync(layout().pins).filter((name) => name.endsWith(".json"))
  return Object.fromEntries(
    files.flatMap((file) => {
      const known = readPin(path.join(layout().pins, file))
      return known ? [[known.image ?? file, known.digest] as const] : []
    }),
  )
}

/** Makes an image one that was not made here. What it was built from stays for the next time. */
export const forget = (image: Recipe): void => fs.rmSync(pinFile(image), { force: true })

/**
 * Makes an image on the running engine, from package mirrors, and publishes it to the local registry.
 *
 * @param log gets what the engine says.
 * @param progress is told how far a build from source is.
 * @returns its digest.
 */
export async function makeStandIn(
  image: Recipe,
  parts: Parts,
  log: Writable,
  progress: Task["update"],
): Promise<string> {
  Object.assign(process.env, clientEnvironment(parts))
  // Loaded here alone: it takes longer than most commands of the command line.
  const { connection, dag, ImageLayerCompression } = await import("@dagger.io/dagger")
  const program = await programOf(image.standIn, progress)
  const work = fs.mkdtempSync(path.join(os.tmpdir(), "slipway-image-"))
  let reference = ""
  try {
    await connection(
      async () => {
        const filled = await fill(await start(dag, image, parts, work), dag, image.standIn, work)
        const whole = program
          ? filled.withFile(program.path, dag.host().file(program.file), { permissions: 0o755 })
          : filled
        const made = configure(whole, image.standIn)
        // Faster than gzip, and as small: making an image takes a quarter less time.
        const options = { forcedCompression: ImageLayerCompression.Zstd }
        reference = await made.publish(`${REGISTRY}/${repositoryOf(image)}:${image.tag}`, options)
      },
      { LogOutput: log },
    )
  } finally {
    fs.rmSync(work, { recursive: true, force: true })
  }
  const digest = reference.slice(reference.indexOf("@") + 1)
  const made: Pin = { image: `${image.name}:${image.tag}`, digest, recipe: recipe(image, parts) }
  writePin(image, made)
  return digest
}

/**
 * The program that an image is for, as a file of this host (built where it is not there), and where it goes; null for
 * an image that needs none.
 */
export async function programOf(
  { go, host }: StandIn,
  progress: Task["update"],
): Promise<{ readonly file: string; readonly path: string } | null> {
  if (host) return { file: hostProgram(host), path: host.path }
  if (!go) return null
  const log = path.join(layout().logs, `build-${path.basename(go.path)}.log`)
  return { file: await buildProgram(go, log, progress), path: go.path }
}

async function start(dag: Client, image: Recipe, parts: Parts, work: string): Promise<Container> {
  const { from } = image.standIn
  if (from !== null) return dag.container().from(`${from}:${recipeOf(from)?.tag}`)
  const layer = path.join(work, "layer.tar")
  packFolder(parts.baseRoot, layer)
  const folder = path.join(work, "layout")
  writeLayout(folder, [layer])
  const archive = path.join(work, "image.tar")
  packFolder(folder, archive)
  return dag.container().import_(dag.host().file(archive))
}

function configure(container: Container, recipe: StandIn): Container {
  let made = container
    .withEntrypoint([...(recipe.entrypoint ?? [])])
    .withDefaultArgs([...(recipe.command ?? [])])
  for (const [name, value] of Object.entries(recipe.env ?? {})) made = made.withEnvVariable(name, value)
  for (const port of recipe.ports ?? []) made = made.withExposedPort(port)
  if (recipe.workdir) made = made.withWorkdir(recipe.workdir)
  return recipe.user ? made.withUser(recipe.user) : made
}
