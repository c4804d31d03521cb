import { createHash } from "node:crypto"
import * as fs from "node:fs"
import * as path from "node:path"

/** What a container of an image runs (image-spec 1.1, config.md). */
export interface ImageConfig {
  readonly Entrypoint: readonly string[]
  readonly Env: readonly string[]
  readonly Volumes: Readonly<Record<string, object>>
  readonly Labels: Readonly<Record<string, string>>
}

interface Descriptor {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
}

interface Manifest {
  readonly config: Descriptor
  readonly layers: readonly Descriptor[]
}

/**
 * Makes an OCI image layout an image with a name and a configuration, for every `docker load`, `podman load` and
 * `ctr images import`: Docker reads manifest.json, and containerd the index.
 *
 * @param layout a folder with one manifest, as `writeLayout` writes it.
 * @returns the digest of the image's manifest.
 */
export function nameImage(layout: string, name: string, config: ImageConfig): string {
  const blob = (digest: string) => `blobs/${digest.replace(":", "/")}`
  const at = (digest: string) => path.join(layout, blob(digest))
  const put = (mediaType: string, value: object): Descriptor => {
    const text = JSON.stringify(value)
    const digest = `sha256:${createHash("sha256").update(text).digest("hex")}`
    fs.writeFileSync(at(digest), text)
    return { mediaType, digest, size: Buffer.byteLength(text) }
  }
  const write = (file: string, value: object) =>
    fs.writeFileSync(path.join(layout, file), JSON.stringify(value))

  const [{ digest: old, mediaType }] = read<{ manifests: [Descriptor] }>(
    path.join(layout, "index.json"),
  ).manifests
  const manifest = read<Manifest>(at(old))
  const plain = read<object>(at(manifest.config.digest))
  for (const digest of [old, manifest.config.digest]) fs.rmSync(at(digest))
  // A fixed time of creation: the same contents have the same digest.
  const named = put(manifest.config.mediaType, { ...plain, created: "1970-01-01T00:00:00Z", config })
  const own = put(mediaType, { ...manifest, config: named })
  const annotations = {
    "io.containerd.image.name": name,
    "org.opencontainers.image.ref.name": name.split(":").at(-1),
  }
  write("index.json", { schemaVersion: 2, manifests: [{ ...own, annotations }] })
  const layers = manifest.layers.map(({ digest }) => blob(digest))
  write("manifest.json", [{ Config: blob(named.digest), RepoTags: [name], Layers: layers }])
  return own.digest
}

const read = <T>(file: string): T => JSON.parse(fs.readFileSync(file, "utf8"))
