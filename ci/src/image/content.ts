import type { File } from "@dagger.io/dagger"
import * as z from "zod/mini"
import type { CommandStep } from "../run/command.js"
import { NODE } from "../run/images.js"
import type { Content } from "../run/result.js"
import type { Given } from "../run/stage.js"
import { type Pinned, pinnedName, repositoryName } from "./reference.js"

/**
 * What an image is made of, by the DiffIDs of its layers: digests of the uncompressed layers, in the image's configuration.
 * Labels, compression and the registry leave them as they are.
 *
 * @see https://github.com/opencontainers/image-spec/blob/main/config.md#layer-diffid
 */

/** An image of a registry for one platform. */
export interface Part extends Pick<Content, "platform" | "layers"> {
  /** Of its own manifest, which an index of several platforms names: `sha256:…` */
  readonly digest: string
}

const LAYERS = "/slipway/layers.json"

/** Prints the DiffIDs of a tarball as `docker save` writes it. */
const READ = `
const { execFileSync } = require("node:child_process")
const read = (name) => JSON.parse(execFileSync("tar", ["-xOf", "/image.tar", name], { maxBuffer: 64 * 1024 * 1024 }))
const [{ Config }] = read("manifest.json")
require("node:fs").writeFileSync("${LAYERS}", JSON.stringify(read(Config).rootfs.diff_ids))
`

/**
 * Reads the layers of an image that was built.
 *
 * @throws {Error} if they cannot be read.
 */
export async function layersOf(
  given: Pick<Given, "image" | "command">,
  tarball: File,
): Promise<readonly string[]> {
  const ran = await given.command({
    container: given
      .image(NODE)
      .withMountedFile("/image.tar", tarball)
      .withNewFile("/slipway/read.cjs", READ),
    steps: [{ name: "layers", run: "node /slipway/read.cjs", timeout: 300 }],
    reports: [LAYERS],
  })
  const text = ran.reports[LAYERS]
  if (text === undefined)
    throw new Error(`cannot read the layers of the image: ${ran.log.text.trim().slice(-400)}`)
  return layers().parse(JSON.parse(text), { jitless: true })
}

const layers = () => z.array(z.string().check(z.regex(/^sha256:[\da-f]{64}$/))).check(z.minLength(1))

/** The file of what {@link partsStep} reads. */
export const PARTS = "/slipway/parts"

/** Reads what a registry has of an image: a line of JSON for each platform. */
export function partsStep(image: Pinned): CommandStep {
  const manifest = "/tmp/manifest.json"
  const format = `'{"platform":"{{.OS}}/{{.Architecture}}{{if .Variant}}/{{.Variant}}{{end}}","layers":{{json .RootFS.DiffIDs}}}'`
  const lines = [
    `regctl manifest get --format raw-body ${pinnedName(image)} >${manifest}`,
    `parts=${image.digest}`,
    `if grep -q '"manifests"' ${manifest}; then parts=$(grep -o 'sha256:[0-9a-f]\\{64\\}' ${manifest} | sort -u); fi`,
    `for part in $parts; do text=$(regctl image config --format ${format} "${repositoryName(image)}@$part")`,
    `printf '%s %s\\n' "$part" "$(printf %s "$text" | tr -d '\\n')"; done >${PARTS}`,
  ]
  return { name: "layers", run: `set -e; ${lines.join("; ")}`, timeout: 120 }
}

const part = () => z.object({ platform: z.string(), layers: layers() })

/** Reads what {@link partsStep} wrote. What is no image, such as BuildKit's attestations, has the platform `unknown/unknown`. */
export const partsIn = (text: string): readonly Part[] =>
  text
    .split("\n")
    .filter((line) => line.includes("{"))
    .map((line): Part => {
      const [digest = "", ...rest] = line.split(" ")
      return { digest, ...part().parse(JSON.parse(rest.join(" ")), { jitless: true }) }
    })
    .filter(({ platform }) => !platform.startsWith("unknown/"))

/** Tells whether two builds have the same layers. */
export const sameLayers = (one: Pick<Content, "layers">, other: Pick<Content, "layers">): boolean =>
  one.layers.length === other.layers.length && one.layers.every((layer, i) => layer === other.layers[i])
