import { LTS_LINES, NEWEST_LTS } from "../../ci/src/project/node-releases.js"
import { type Family, PATH, type Recipe } from "./recipe.js"
import { alpineTools } from "./starts.js"

/** Releases that stand for their major version, until a newer one is tried. */
const TRIED: Readonly<Record<string, string>> = { "20": "20.20.2", "22": "22.23.3", "24": "24.21.0" }

function node(version: string, alpine = false): Recipe {
  return {
    name: "node",
    tag: `${version}-${alpine ? "alpine" : "bookworm-slim"}`,
    tags: new RegExp(`^${version}(-${alpine ? ALPINE : DEBIAN})*$`),
    purpose: `runs the project's own tools on Node.js ${version}`,
    seconds: 15,
    standIn: {
      from: "debian",
      node: TRIED[version] ?? version,
      ...(alpine ? { files: alpineTools() } : {}),
      run: ["useradd --create-home --uid 1000 --shell /bin/bash node"],
      // Node.js carries its own list of authorities; the system's has the site's as well.
      // Mirrors of npm do not sign what they serve.
      env: { PATH, NODE_OPTIONS: "--use-openssl-ca", COREPACK_INTEGRITY_KEYS: "0" },
      command: ["node"],
    },
  }
}

/** What the image of a version is built on: what differs between them does not show here. */
const DEBIAN = "(?:slim|trixie|bookworm|bullseye|buster|stretch)"
const ALPINE = "alpine(?:3\\.\\d+)?"
const FLAVOUR = `(?:${DEBIAN}|${ALPINE})`
const TAG = new RegExp(`^(?<version>\\d+(?:\\.\\d+){0,2}|[a-z]+)?(?:(?:^|-)${FLAVOUR})*$`)

/** Tags of the official image that name no number. */
const ALIASES: Readonly<Record<string, string>> = {
  latest: "latest",
  current: "latest",
  lts: String(NEWEST_LTS),
  ...Object.fromEntries(Object.entries(LTS_LINES).map(([name, major]) => [name, String(major)])),
}

function versionOf(tag: string): string | undefined {
  const flavours = new RegExp(`^${FLAVOUR}(-${FLAVOUR})*$`)
  if (flavours.test(tag)) return "latest"
  const { version = "" } = TAG.exec(tag)?.groups ?? {}
  return /^\d/.test(version) ? version : ALIASES[version]
}

/** The first is the one to take where no version is asked for. */
export const NODES: readonly Recipe[] = ["22", "20", "24"].map((version) => node(version))

/** Every other version that npm's packages carry, exactly. */
export const NODE_FAMILY: Family = {
  name: "node",
  shown: "<version>",
  purpose: "runs the project's own tools on exactly that Node.js",
  like: node("latest"),
  of(tag) {
    const version = versionOf(tag)
    if (version === undefined) return null
    const wanted = node(version, tag.includes("alpine"))
    return NODES.find((one) => one.tag === wanted.tag) ?? wanted
  },
}
