import { execFileSync } from "node:child_process"
import { createHash } from "node:crypto"
import * as fs from "node:fs"
import * as path from "node:path"

/** A blob of an OCI layout, as a manifest names it. */
interface Descriptor {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
}

const TYPE = "application/vnd.oci.image"

/**
 * Writes an OCI image layout of uncompressed layers (image-spec 1.1).
 *
 * @param out an empty folder.
 * @param layers paths of tar files, lowest first; each is moved into the layout.
 * @returns the digest of its manifest.
 */
export function writeLayout(out: string, layers: readonly string[]): string {
  const blobs = path.join(out, "blobs/sha256")
  fs.mkdirSync(blobs, { recursive: true })
  const moved = layers.map((file): Descriptor => {
    const digest = `sha256:${sha256File(file)}`
    const { size } = fs.statSync(file)
    fs.renameSync(file, path.join(blobs, digest.slice(7)))
    return { mediaType: `${TYPE}.layer.v1.tar`, digest, size }
  })
  const put = (mediaType: string, value: object): Descriptor => {
    const text = JSON.stringify(value)
    const hex = createHash("sha256").update(text).digest("hex")
    fs.writeFileSync(path.join(blobs, hex), text)
    return { mediaType, digest: `sha256:${hex}`, size: Buffer.byteLength(text) }
  }
  const architecture = process.arch === "x64" ? "amd64" : process.arch
  const config = put(`${TYPE}.config.v1+json`, {
    architecture,
    os: "linux",
    config: {},
    rootfs: { type: "layers", diff_ids: moved.map((layer) => layer.digest) },
  })
  const mediaType = `${TYPE}.manifest.v1+json`
  const manifest = put(mediaType, { schemaVersion: 2, mediaType, config, layers: moved })
  fs.writeFileSync(path.join(out, "index.json"), JSON.stringify({ schemaVersion: 2, manifests: [manifest] }))
  fs.writeFileSync(path.join(out, "oci-layout"), JSON.stringify({ imageLayoutVersion: "1.0.0" }))
  return manifest.digest
}

function sha256File(file: string): string {
  const hash = createHash("sha256")
  const chunk = Buffer.allocUnsafe(1 << 20)
  const fd = fs.openSync(file, "r")
  for (let read = fs.readSync(fd, chunk); read > 0; read = fs.readSync(fd, chunk))
    hash.update(chunk.subarray(0, read))
  fs.closeSync(fd)
  return hash.digest("hex")
}

/** Packs a folder, owners and all, without what lies in its /dev. */
export function packFolder(folder: string, archive: string): void {
  execFileSync("tar", ["--numeric-owner", "--exclude=./dev/*", "-C", folder, "-cf", archive, "."])
}
