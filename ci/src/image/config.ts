import * as z from "zod/mini"
import { about, folder, keyed, map, orNull, section, text, VARIABLE, whole } from "../config/parts.js"
import type { CausesOf, Room, SectionsOf } from "../config/room.js"

const PLATFORM = /^[a-z0-9]+\/[a-z0-9]+(\/v\d+)?$/
const NAME = /[a-z0-9]+([._-]+[a-z0-9]+)*/
const REPOSITORY = new RegExp(`^${NAME.source}(/${NAME.source})*$`)

const workspace = () =>
  keyed({
    dockerfile: about(
      "Its Dockerfile, by its path; the one that is found for the name otherwise. Names one that is not built unasked: Dockerfile.dev.",
      orNull(folder()),
    ),
    context: about(
      'The folder that its Dockerfile is built in, "." for the root; told by what it copies otherwise.',
      orNull(folder()),
    ),
    target: about("The stage of the Dockerfile to build.", orNull(text("the name of a stage", /^[\w.-]+$/))),
    args: about(
      "Build arguments. Not for secrets: they stay in the image.",
      map(
        text("letters, digits and underscores", VARIABLE),
        z.string("text (put it in quotes)"),
        "a map of argument names to text",
      ),
    ),
    repository: about(
      "The repository that it is pushed to, under the registry that is named. The image's name otherwise.",
      orNull(text("the path of a repository, in lower case", REPOSITORY)),
    ),
  })

const retain = () =>
  section({
    keep: about(
      "How many images of a repository stay, the newest.",
      z._default(whole("a whole number", 0, 10_000), 20),
    ),
    days: about("Images younger than this stay.", z._default(whole("a whole number", 0, 10_000), 30)),
    signed: about("Signed images stay.", z._default(z.boolean("true or false"), true)),
    tags: about(
      "Tags that stay, as a regular expression; versions otherwise.",
      z._default(
        text("a regular expression").check(z.refine((value) => compiles(value), "a regular expression")),
        "^v?\\d+\\.\\d+\\.\\d+$",
      ),
    ),
  })

function compiles(pattern: string): boolean {
  try {
    return new RegExp(pattern) instanceof RegExp
  } catch {
    return false
  }
}

/** The images that are built from Dockerfiles, and what becomes of them in registries. */
const imageSection = () =>
  section({
    platforms: about(
      "The platforms to build for; the engine's own otherwise.",
      z._default(z.array(text('a platform such as "linux/amd64"', PLATFORM), "a list of platforms"), []),
    ),
    source: about(
      "Where the source lies, for the label of images that says so.",
      orNull(text('an address such as "https://example.org/team/app"', /^https?:\/\/\S+$/)),
    ),
    workspaces: about(
      "Settings of an image, by its name in `plan`: that of its workspace, or of its folder.",
      map(text("the name of an image"), workspace(), "a map of workspaces to settings"),
    ),
    sigstore: about(
      "A folder of the project that describes your own Sigstore: trusted_root.json and, to sign, signing_config.json. The public Sigstore otherwise.",
      orNull(folder()),
    ),
    sbom: about(
      "What writes bills of materials.",
      z._default(z.enum(["trivy", "syft"], 'one of "trivy", "syft"'), "trivy"),
    ),
    retain: about("What `image retain` keeps.", retain()),
  })

const SIZE = /^(\d{1,6}(?:\.\d{1,3})?) ?(B|kB|KiB|MB|MiB)$/
const UNITS: Readonly<Record<string, number>> = { B: 1, kB: 1e3, KiB: 1024, MB: 1e6, MiB: 1024 ** 2 }

/** The bytes in a size such as `300kB` or `1.5MiB`; null for any other text. */
function parseSize(size: string): number | null {
  const [, number, unit = ""] = SIZE.exec(size) ?? []
  return number === undefined ? null : Math.round(Number(number) * (UNITS[unit] ?? 1))
}

const PERCENT = /^(\d{1,4}(?:\.\d{1,2})?) ?%$/

/** How large built frontends may be. */
const bundleSection = () =>
  section({
    folder: about("Where the build leaves the bundle, in its workspace; found otherwise.", orNull(folder())),
    size: about(
      "Which size the budget is for: as it lies there, or as it travels.",
      z._default(z.enum(["raw", "gzip", "brotli"], 'one of "raw", "gzip", "brotli"'), "gzip"),
    ),
    budget: about(
      'Most that it may have, by "total" or a pattern of asset names without hashes.',
      map(
        text('"total" or a pattern of assets'),
        z.pipe(
          text('a size such as "300kB"', SIZE),
          z.transform((size: string) => parseSize(size) ?? 0),
        ),
        "a map of assets to sizes",
      ),
    ),
    growth: about(
      "How much larger than in the base of the change the total may be.",
      z._default(
        z.pipe(
          text('a percentage such as "10%"', PERCENT),
          z.transform((share: string) => Number.parseFloat(share)),
        ),
        10,
      ),
    ),
  })

/** The images that are built, and their way through registries. */
export const ROOM = {
  sections: () => ({
    image: about("The images that are built from Dockerfiles.", imageSection()),
    bundle: about("How large built frontends may be.", bundleSection()),
  }),
  stages: {
    image: "The images built from Dockerfiles.",
    bundle: "The sizes of built bundles, against a budget.",
    sbom: "The bill of materials of each image.",
  },
  seconds: { image: 60, bundle: 30, sbom: 20 },
  clocks: { image: "build", bundle: "build" },
  gates: {
    image: { gate: "always" },
    bundle: { gate: "own", note: "its budgets are those of slipway.yaml" },
    sbom: { gate: "added" },
  },
  causes: {
    dockerfile: { code: 14, meaning: "an image does not build from its Dockerfile" },
    registry: { code: 25, meaning: "a registry, or Sigstore, refuses or is unreachable" },
    signature: { code: 26, meaning: "an image is unsigned, or not signed by a trusted signer" },
    attestation: { code: 27, meaning: "an attestation of an image is missing or wrong" },
    "no-image": { code: 28, meaning: "an image was not found" },
  },
} as const satisfies Room

declare module "../config/config.js" {
  interface Config extends SectionsOf<typeof ROOM> {}
}
declare module "../run/causes.js" {
  interface Causes extends CausesOf<typeof ROOM> {}
}
