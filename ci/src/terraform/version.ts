import semver from "semver"
import type { Config } from "../config/config.js"
import { constraints, satisfies, whole } from "../formats/terraform-constraint.js"
import { folderOf } from "../project/manifest.js"
import type { Image } from "../run/images.js"
import { literal } from "./expressions.js"
import type { Source } from "./roots.js"

type Name = Config["terraform"]["program"]

/** The program for a root module. */
export interface Program {
  readonly name: Name
  readonly image: Image
  /** Where the program lies in it. */
  readonly path: string
  readonly version: string
}

export const TERRAFORM: Image = { name: "hashicorp/terraform", tag: "1.11.4" }
export const OPENTOFU: Image = { name: "ghcr.io/opentofu/opentofu", tag: "1.12.6" }

const PROGRAMS: Readonly<
  Record<Name, { readonly image: Image; readonly path: string; readonly files: readonly string[] }>
> = {
  terraform: { image: TERRAFORM, path: "/bin/terraform", files: [".terraform-version"] },
  tofu: {
    image: OPENTOFU,
    path: "/usr/local/bin/tofu",
    files: [".opentofu-version", ".terraform-version"],
  },
}

/** The image of the program that slipway.yaml names. */
export const programImage = (name: Name): Image => PROGRAMS[name].image

/** Files that name a version, for the inputs of stages. */
export const VERSION_FILES = ["**/.terraform-version", "**/.opentofu-version"]

/**
 * Returns the program for a root module. Its version is that of slipway.yaml, of the nearest version file, or Slipway's
 * own if required_version allows it, else the lowest that required_version names.
 *
 * @param versionFiles texts of version files, by path.
 */
export function programFor(
  settings: Pick<Config["terraform"], "program" | "version">,
  root: string,
  sources: readonly Source[],
  versionFiles: ReadonlyMap<string, string>,
): Program {
  const name = settings.program
  const { image, path, files } = PROGRAMS[name]
  const own = image.tag
  const version =
    settings.version ?? nearest(root, files, versionFiles) ?? lowest(required(root, sources), own) ?? own
  return { name, image, path, version }
}

function nearest(root: string, names: readonly string[], texts: ReadonlyMap<string, string>): string | null {
  for (let folder: string | null = root; folder !== null; folder = folder === "" ? null : folderOf(folder))
    for (const name of names) {
      const text = texts.get(folder === "" ? name : `${folder}/${name}`)?.trim()
      if (text !== undefined && VERSION.test(text)) return text
    }
  return null
}

const VERSION = /^\d+\.\d+\.\d+$/

function required(root: string, sources: readonly Source[]): string {
  const found = sources
    .filter(({ file }) => folderOf(file) === root)
    .flatMap(({ body }) => body.blocks.filter(({ type }) => type === "terraform"))
    .flatMap(({ attributes }) => literal(attributes.get("required_version")?.expression ?? "") ?? [])
  return found.join(",")
}

/** Returns the lowest version that a constraint names; null if it allows `own`. */
function lowest(constraint: string, own: string): string | null {
  if (satisfies(own, constraint)) return null
  const named = constraints(constraint)
    .filter(([operator]) => /^(=|>=|~>)$/.test(operator))
    .map(([, version]) => whole(version))
    .sort(semver.compare)
  return named.find((version) => satisfies(version, constraint)) ?? null
}
