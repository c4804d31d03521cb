import { execFile } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import { promisify } from "node:util"
import { DAGGER_VERSION } from "./binaries.js"
import { readDagger } from "./choose.js"
import { ask } from "./commands.js"
import { imageConfig, WORKER_CONFIG } from "./config.js"
import { home, requireDisk } from "./host/home.js"
import { repository } from "./host/repository.js"
import { type ImageConfig, nameImage } from "./image-layout.js"
import { writeLayout } from "./oci.js"
import type { Parts } from "./parts.js"

/** An archive with the engine's image. */
export interface EngineImage {
  /** The name that the dagger client of the same release looks for. */
  readonly name: string
  /** The digest of its manifest. */
  readonly digest: string
}

/** What the archive of the engine's image is made from. */
export interface EngineImageOptions {
  readonly parts: Parts
  /** The path of the archive. */
  readonly file: string
  /** A mirror of Docker Hub that the engine asks first. */
  readonly mirror: string | undefined
  /** Told of each step. */
  readonly progress: (state: string) => void
}

/** What a container has anyway, and what names this machine and the mirrors of its site. */
const LEFT_OUT = [
  ...["dev/*", "proc/*", "run/*", "sys/*", "tmp/*", "var/cache/*", "var/log/*", "var/lib/apt/*"],
  ...["etc/apt/*", "etc/hostname", "etc/resolv.conf"],
].map((pattern) => `--exclude=./${pattern}`)

/** Where the engine looks for the TypeScript SDK. */
const CONTENT = "usr/local/share/dagger/content"

/** Writes the engine's parts as an image for Docker, Podman and containerd. The same parts give the same bytes. */
export async function writeEngineImage(options: EngineImageOptions): Promise<EngineImage> {
  const { parts, file, mirror, progress } = options
  requireDisk(3)
  const work = fs.mkdtempSync(path.join(home(), "image-"))
  try {
    const own = path.join(work, "own")
    stageOwn(own, parts.bin, mirror)
    const sources = {
      root: ["-C", parts.engineRoot, ...LEFT_OUT, "."],
      content: ["-C", parts.content, `--transform=flags=rSh;s,^\\.,./${CONTENT},`, "."],
      own: ["-C", own, "--owner=0", "--group=0", "--mode=u=rwX,go=rX", "."],
    }
    const layout = path.join(work, "layout")
    fs.mkdirSync(layout)
    const layers: string[] = []
    for (const [name, source] of Object.entries(sources)) {
      progress(`packing ${name}`)
      layers.push(await pack(path.join(work, `${name}.tar`), source))
    }
    writeLayout(layout, layers)
    const name = await imageName(parts)
    const digest = nameImage(layout, name, configOf(parts))
    progress("writing the archive")
    const partial = await pack(path.join(path.dirname(file), `.${path.basename(file)}.partial`), [
      ...["-C", layout, "--owner=0", "--group=0", "--mode=u=rwX,go=rX"],
      ...fs.readdirSync(layout).sort(),
    ])
    fs.renameSync(partial, file)
    return { name, digest }
  } finally {
    fs.rmSync(work, { recursive: true, force: true })
  }
}

/** Packs files, the same for the same contents. */
async function pack(archive: string, source: readonly string[]): Promise<string> {
  const options = ["--create", "--file", archive, "--sort=name", "--mtime=@0", "--numeric-owner"]
  try {
    await promisify(execFile)("tar", [...options, ...source])
    return archive
  } catch (error) {
    fs.rmSync(archive, { force: true })
    throw error
  }
}

/** Stages what lies over the engine's root: its binaries, its configuration and how it is started. */
function stageOwn(root: string, bin: string, mirror: string | undefined): void {
  const at = (file: string): string => {
    const full = path.join(root, file)
    fs.mkdirSync(path.dirname(full), { recursive: true })
    return full
  }
  const files = path.join(repository(), "engine/files")
  const copied = {
    "usr/local/bin/dagger-engine": path.join(bin, "engine"),
    "usr/local/bin/dagger-init": path.join(bin, "init"),
    "usr/local/libexec/dagger": path.join(bin, "dagger"),
    "opt/cni/bin/dnsname": path.join(bin, "dnsname"),
    [ENTRYPOINT]: path.join(files, "entrypoint.sh"),
    "usr/local/bin/dagger": path.join(files, "dagger"),
    "usr/local/bin/buildctl": path.join(files, "buildctl"),
  }
  for (const [file, source] of Object.entries(copied)) fs.copyFileSync(source, at(file))
  for (const plugin of ["bridge", "firewall", "host-local", "loopback"])
    fs.symlinkSync(`/usr/lib/cni/${plugin}`, at(`opt/cni/bin/${plugin}`))
  // Where the engine looks for what Debian keeps in /usr/sbin.
  fs.symlinkSync("/usr/sbin/runc", at("usr/local/bin/runc"))
  for (const program of ["xtables-legacy-multi", "xtables-nft-multi"])
    fs.symlinkSync(`/usr/sbin/${program}`, at(`usr/bin/${program}`))
  fs.writeFileSync(at("etc/dagger/engine.json"), JSON.stringify(imageConfig(mirror), null, 2))
  fs.writeFileSync(at("etc/dagger/engine.toml"), WORKER_CONFIG)
}

const ENTRYPOINT = "usr/local/bin/dagger-entrypoint.sh"

const configOf = ({ contentDigest }: Parts): ImageConfig => ({
  Entrypoint: ["/usr/bin/tini", "-g", "--", `/${ENTRYPOINT}`],
  Env: [
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    `DAGGER_TYPESCRIPT_SDK_MANIFEST_DIGEST=${contentDigest}`,
    "DO_NOT_TRACK=1",
  ],
  Volumes: { "/var/lib/dagger": {} },
  Labels: { "org.opencontainers.image.version": DAGGER_VERSION },
})

/** The name by which the built dagger client looks for its engine. An engine named in the environment would hide it. */
async function imageName({ bin }: Parts): Promise<string> {
  const client = path.join(bin, "dagger")
  const { stdout, stderr } = await ask(client, ["version"], { HOME: home() })
  const { image } = readDagger(client, stdout)
  if (image === null) throw new Error(`${client} names no engine: ${stderr}`)
  return image
}
