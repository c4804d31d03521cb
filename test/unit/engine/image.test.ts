import { execFileSync } from "node:child_process"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { describe, expect, test } from "vitest"
import { type EngineImage, writeEngineImage } from "../../../engine/image.js"
import type { Parts } from "../../../engine/parts.js"
import { emptyStateFolder } from "../state-folder.js"

const NAME = "registry.example.org/engine:v1"

/** Small parts of an engine, in a folder. */
function partsIn(folder: string): Parts {
  const write = (file: string, text: string) => {
    const full = path.join(folder, file)
    fs.mkdirSync(path.dirname(full), { recursive: true })
    fs.writeFileSync(full, text, { mode: 0o755 })
  }
  for (const name of ["engine", "init", "dnsname"]) write(`bin/${name}`, name)
  write("bin/dagger", `#!/bin/sh\necho 'dagger v1 (image://${NAME}) linux/amd64'\n`)
  write("root/etc/resolv.conf", "nameserver 192.0.2.1")
  write("root/etc/apt/sources.list", "deb http://mirror.example.org bookworm main")
  write("root/etc/os-release", "Debian")
  write("content/index.json", "{}")
  return {
    bin: path.join(folder, "bin"),
    engineRoot: path.join(folder, "root"),
    baseRoot: "",
    content: path.join(folder, "content"),
    contentDigest: "sha256:content",
    build: "",
  }
}

describe("the engine's image", () => {
  const home = emptyStateFolder()
  const image = async (file: string, mirror?: string): Promise<EngineImage> =>
    writeEngineImage({ parts: partsIn(path.join(home(), "parts")), file, mirror, progress() {} })
  const unpacked = (archive: string): string => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "image-"))
    execFileSync("tar", ["-C", folder, "-xf", archive])
    return folder
  }
  const json = (file: string) => JSON.parse(fs.readFileSync(file, "utf8"))

  test("has the same bytes for the same parts, and leaves nothing beside them", async () => {
    const [one, other] = [path.join(home(), "one.tar"), path.join(home(), "other.tar")]
    const first = await image(one)
    fs.rmSync(path.join(home(), "parts"), { recursive: true })
    const second = await image(other)
    expect(second).toEqual(first)
    expect(first.name).toBe(NAME)
    expect(fs.readFileSync(other).equals(fs.readFileSync(one))).toBe(true)
    expect(fs.readdirSync(home()).sort()).toEqual(["one.tar", "other.tar", "parts"])
  })

  test("is read by Docker and containerd alike", async () => {
    const file = path.join(home(), "image.tar")
    const { digest } = await image(file, "mirror.example.org:5000")
    const folder = unpacked(file)
    const blob = (name: string) => path.join(folder, "blobs", name.replace(":", "/"))
    const [docker] = json(path.join(folder, "manifest.json"))
    const [index] = json(path.join(folder, "index.json")).manifests
    const manifest = json(blob(digest))
    expect(index).toMatchObject({ digest, annotations: { "io.containerd.image.name": NAME } })
    expect(docker.RepoTags).toEqual([NAME])
    expect(docker.Config).toBe(`blobs/${manifest.config.digest.replace(":", "/")}`)
    expect(fs.readdirSync(path.join(folder, "blobs/sha256"))).toHaveLength(manifest.layers.length + 2)
    expect(json(blob(manifest.config.digest))).toMatchObject({
      os: "linux",
      config: { Env: expect.arrayContaining(["DAGGER_TYPESCRIPT_SDK_MANIFEST_DIGEST=sha256:content"]) },
    })
    const files = manifest.layers.flatMap((layer: { digest: string }) =>
      execFileSync("tar", ["-tf", blob(layer.digest)], { encoding: "utf8" })
        .trim()
        .split("\n"),
    )
    expect(files).toEqual(
      expect.arrayContaining([
        "./etc/os-release",
        "./usr/local/share/dagger/content/index.json",
        "./usr/local/bin/dagger-engine",
        "./usr/local/bin/dagger-entrypoint.sh",
      ]),
    )
    expect(files).not.toContain("./etc/resolv.conf")
    expect(files).not.toContain("./etc/apt/sources.list")
    const own = execFileSync("tar", ["-xOf", blob(manifest.layers[2].digest), "./etc/dagger/engine.json"])
    expect(JSON.parse(own.toString())).toMatchObject({
      registries: { "docker.io": { mirrors: ["mirror.example.org:5000"] } },
      gc: { enabled: true },
    })
    fs.rmSync(folder, { recursive: true })
  })
})
