import { type SpawnOptions, spawn } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import { writeLayout } from "./oci.js"
import { bundleRuntime } from "./typescript-runtime/bundle.js"

/** What the TypeScript SDK content is made from, and where it goes. */
export interface SdkContentOptions {
  /** A minimal Debian root with `ca-certificates`, the site's own authorities already in it. Left as it is. */
  readonly baseRoot: string
  /** The `codegen` binary of the same Dagger release. */
  readonly codegen: string
  /** The folder `engine/typescript-runtime`. */
  readonly runtimeDir: string
  /** An empty folder, to be filled with an OCI layout. */
  readonly out: string
  /** Told of each step. */
  readonly progress: (message: string) => void
}

/** What Debian installs for readers, and what apt leaves behind. */
const NOT_FROM_BASE = [
  "./usr/share/{doc,man,info,locale,lintian}/*",
  "./var/cache/*",
  "./var/lib/apt/lists/*",
  "./var/log/*",
  "./dev/*",
  "./proc/*",
  "./sys/*",
  "./tmp/*",
]

/**
 * Makes the content that an engine serves as its built-in TypeScript SDK: `runtime`, the module that implements
 * it, and `rootfs`, what that module's containers start from.
 *
 * Three layers, by how often they change: Debian with Node and the packages, the code generator, our sources. The
 * same inputs give the same digests, so that an engine imports again only what changed.
 */
export async function buildSdkContent(options: SdkContentOptions): Promise<{ digest: string }> {
  const { baseRoot, codegen, runtimeDir, out, progress } = options
  const work = path.join(out, "work")
  progress("installing the SDK's npm packages")
  const modules = await installPackages(runtimeDir, path.join(work, "npm"))

  progress("bundling the SDK")
  const sources = path.join(work, "sources")
  fs.mkdirSync(path.join(sources, "runtime"), { recursive: true })
  for (const name of ["dagger.json", "main.dang"])
    fs.copyFileSync(path.join(runtimeDir, name), path.join(sources, "runtime", name))
  await bundleRuntime({ runtimeDir, modules, out: path.join(sources, "rootfs/sdk") })

  progress("packing the SDK")
  const packages = path.join(work, "packages")
  await stagePackages(modules, path.join(packages, "rootfs"))
  const generator = path.join(work, "generator/rootfs/sdk/codegen")
  fs.mkdirSync(path.dirname(generator), { recursive: true })
  fs.copyFileSync(codegen, generator)
  fs.chmodSync(generator, 0o755)
  const base = NOT_FROM_BASE.flatMap(expanded).map((pattern) => `--exclude=${pattern}`)
  const layer = (name: string, args: readonly string[]) => packLayer(path.join(work, `${name}.tar`), args)
  const layers = [
    await layer("base", ["-C", baseRoot, ...base, "--transform=flags=rSh;s,^\\./,./rootfs/,", "."]),
    await layer("packages", ["-C", packages, "."]),
    await layer("generator", ["-C", path.join(work, "generator"), "."]),
    await layer("sources", ["-C", sources, "."]),
  ]
  const digest = writeLayout(out, layers)
  fs.rmSync(work, { recursive: true })
  return { digest }
}

/** Installs what the lock file pins, for the platform that the engine runs on, without running any scripts. */
async function installPackages(runtimeDir: string, folder: string): Promise<string> {
  fs.mkdirSync(folder, { recursive: true })
  for (const name of ["package.json", "package-lock.json", ".npmrc"])
    fs.copyFileSync(path.join(runtimeDir, name), path.join(folder, name))
  const flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--fetch-timeout=60000", "--fetch-retries=3"]
  await run("npm", ["ci", ...flags, "--os=linux", `--cpu=${process.arch}`], { cwd: folder })
  return path.join(folder, "node_modules")
}

/** What of the packages goes into the root filesystem, and where. */
async function stagePackages(modules: string, rootfs: string): Promise<void> {
  const inPlace = path.join(rootfs, "sdk/node_modules")
  const kept: readonly (readonly [string, (file: string) => boolean])[] = [
    ["esbuild", (file) => !/\.(md|d\.ts)$/.test(file)],
    [`@esbuild/linux-${process.arch}`, () => true],
    ["tsx", (file) => !/\.(md|map|d\.[cm]?ts)$/.test(file)],
    [
      "typescript",
      (file) =>
        /(\/(lib|typescript)|package\.json|LICENSE\.txt|\/typescript\.js|\/lib\.[^/]*d\.ts)$/.test(file),
    ],
    ["npm", (file) => !/\/(docs|man|test|tap-snapshots)(\/|$)|(?:\.(md|map|d\.ts)$)/.test(file)],
  ]
  for (const [name, keep] of kept)
    fs.cpSync(path.join(modules, name), path.join(inPlace, name), {
      recursive: true,
      filter: (file) => keep(file.slice(modules.length)),
    })
  const bin = path.join(rootfs, "usr/local/bin")
  fs.mkdirSync(bin, { recursive: true })
  fs.copyFileSync(path.join(modules, `node-linux-${process.arch}/bin/node`), path.join(bin, "node"))
  fs.chmodSync(path.join(bin, "node"), 0o755)
  fs.chmodSync(path.join(inPlace, `@esbuild/linux-${process.arch}/bin/esbuild`), 0o755)
  for (const name of ["npm", "npx"])
    fs.symlinkSync(`/sdk/node_modules/npm/bin/${name}-cli.js`, path.join(bin, name))
}

/**
 * Packs a layer, the same for the same contents. It is not compressed: the engine reads it from the same disk, and
 * would spend longer on unpacking it than on reading it.
 */
async function packLayer(file: string, args: readonly string[]): Promise<string> {
  const reproducible = ["--sort=name", "--mtime=@0", "--numeric-owner", "--owner=0", "--group=0"]
  await run("tar", ["--create", "--file", file, ...reproducible, ...args], {})
  return file
}

/** tar knows no braces. */
function expanded(pattern: string): readonly string[] {
  const [, before = "", inner, after = ""] = /^(.*)\{(.*)\}(.*)$/.exec(pattern) ?? []
  return inner === undefined ? [pattern] : inner.split(",").map((part) => before + part + after)
}

/** Runs a command to its end; its output is part of the error when it fails. */
function run(command: string, args: readonly string[], options: SpawnOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...options, stdio: ["ignore", "pipe", "pipe"], timeout: 600_000 })
    let output = ""
    for (const stream of [child.stdout, child.stderr])
      stream?.on("data", (chunk: Buffer) => (output += chunk.toString()))
    child.on("error", reject)
    child.on("close", (code) => {
      if (code === 0) resolve()
      else reject(new Error(`${command} ${args[0]} failed (${code}):\n${output.trim().slice(-2000)}`))
    })
  })
}
