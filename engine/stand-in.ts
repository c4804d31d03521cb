import { execFileSync } from "node:child_process"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import type { Writable } from "node:stream"
import type { Client, Container, Directory } from "@dagger.io/dagger"
import { repositoryOf } from "../ci/src/run/images.js"
import { fingerprint } from "../cli/home.js"
import type { Task } from "../cli/progress.js"
import { clientEnvironment } from "./client.js"
import { REGISTRY } from "./config.js"
import { buildProgram } from "./go-program.js"
import { hostProgram } from "./host-program.js"
import { layout } from "./layout.js"
import { packFolder, writeLayout } from "./oci.js"
import type { Parts } from "./parts.js"
import { RECIPES, type Recipe, recipeOf, type StandIn } from "./recipes/index.js"

/** An image that was made here. */
interface Pin {
  readonly digest: string
  /** Fingerprint of its recipe and of what it builds on. */
  readonly recipe: string
}

const pinFile = (image: Recipe): string =>
  path.join(layout().pins, `${image.name.replaceAll("/", "-")}-${image.tag}.json`)

function pin(image: Recipe): Pin | null {
  try {
    return JSON.parse(fs.readFileSync(pinFile(image), "utf8"))
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
  const known = pin(image)
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
  return Object.fromEntries(
    RECIPES.flatMap((image) => {
      const known = pin(image)
      return known ? [[`${image.name}:${image.tag}`, known.digest] as const] : []
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
  const made: Pin = { digest, recipe: recipe(image, parts) }
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

async function fill(base: Container, dag: Client, recipe: StandIn, work: string): Promise<Container> {
  let made = base
  if (recipe.apt) made = installDebian(made, recipe.apt)
  for (const [folder, name] of Object.entries(recipe.npm ?? {})) {
    const archive = dag.host().file(packNpm(name, work))
    // The parts of Node.js's package that a running program has no use for.
    const unpack = `mkdir -p "$0" && tar -C "$0" --strip-components=1 --exclude=include --exclude=share --no-same-owner -xzf /package.tgz`
    made = made
      .withMountedFile("/package.tgz", archive)
      .withExec(["sh", "-c", unpack, folder])
      .withoutMount("/package.tgz")
  }
  if (recipe.pip)
    made = made.withExec([
      "pip",
      "install",
      "--no-cache-dir",
      "--timeout=60",
      "--disable-pip-version-check",
      ...recipe.pip,
    ])
  for (const [folder, libraries] of Object.entries(recipe.maven ?? {}))
    made = made.withDirectory(folder, mavenLibraries(base, libraries))
  for (const [file, text] of Object.entries(recipe.files ?? {}))
    made = made.withNewFile(file, text, { permissions: file.includes("bin/") ? 0o755 : 0o644 })
  for (const command of recipe.run ?? []) made = made.withExec(["sh", "-c", command])
  return made
}

function installDebian(base: Container, packages: readonly string[]): Container {
  const install = [
    // The root has no manual, and Java's packages fail where they cannot link their pages.
    "mkdir -p /usr/share/man/man1",
    "apt-get update -q",
    `DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends -o Acquire::Retries=3 ${packages.join(" ")}`,
    "rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin",
  ]
  return base.withExec(["sh", "-c", install.join(" && ")])
}

/** The jars of libraries and of all that they need at run time, fetched by Debian's Maven, which stays behind. */
function mavenLibraries(base: Container, libraries: readonly string[]): Directory {
  const dependency = (library: string) => {
    const [group, artifact, version] = library.split(":")
    return `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>`
  }
  const project = `<project><modelVersion>4.0.0</modelVersion><groupId>slipway</groupId><artifactId>libraries</artifactId>
<version>1</version><dependencies>${libraries.map(dependency).join("\n")}</dependencies></project>`
  return installDebian(base, ["maven"])
    .withNewFile("/libraries/pom.xml", project)
    .withWorkdir("/libraries")
    .withExec([
      "mvn",
      "-B",
      "-q",
      "dependency:copy-dependencies",
      "-DincludeScope=runtime",
      "-DoutputDirectory=jars",
    ])
    .directory("jars")
}

/** Fetches an npm package with the host's npm, and so from the host's registry. */
function packNpm(name: string, work: string): string {
  const specification = name.replace("{arch}", process.arch)
  const output = execFileSync(
    "npm",
    ["pack", "--silent", "--pack-destination", work, "--fetch-timeout=60000", specification],
    {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "inherit"],
    },
  )
  return path.join(work, output.trim().split("\n").at(-1) ?? "")
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
