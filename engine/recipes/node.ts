import { LTS_LINES, NEWEST_LTS } from "../../ci/src/project/node-releases.js"
import { ALPINE, type Family, PATH, type Recipe, type StandIn } from "./recipe.js"
import { alpineTools } from "./starts.js"

/** Releases that stand for their major version, until a newer one is tried. */
const TRIED: Readonly<Record<string, string>> = { "20": "20.20.2", "22": "22.23.3", "24": "24.21.0" }

/** The kinds of the official image: with what packages are built with, without it, and on Alpine. */
type Flavour = "bookworm" | "bookworm-slim" | "alpine"

/**
 * Gives node-gyp the headers that the image has, where it looks before it downloads them: only the internet has them.
 * It takes headers whose `installVersion` is at least its own (11, in its package.json).
 */
const HEADERS = ["root", "home/node"]
  .map((home) => `/${home}/.cache/node-gyp/$NODE_VERSION`)
  .map((at) => `mkdir -p ${at} && ln -s /usr/local/include ${at}/include && echo 11 > ${at}/installVersion`)

const STAND_IN: Readonly<Record<Flavour, Partial<StandIn>>> = {
  bookworm: { from: "buildpack-deps", run: [...HEADERS, "chown -R node: /home/node"] },
  "bookworm-slim": { from: "debian" },
  alpine: { from: "debian", files: alpineTools() },
}

function node(version: string, flavour: Flavour = "bookworm"): Recipe {
  const { run = [], ...standIn } = STAND_IN[flavour]
  return {
    name: "node",
    tag: `${version}-${flavour}`,
    tags: new RegExp(`^${version}${TAGS[flavour]}$`),
    purpose: `runs the project's own tools on Node.js ${version}`,
    seconds: 15,
    standIn: {
      from: null,
      ...standIn,
      node: TRIED[version] ?? version,
      run: ["useradd --create-home --uid 1000 --shell /bin/bash node", ...run],
      // Node.js carries its own list of authorities; the system's has the site's as well.
      // Mirrors of npm do not sign what they serve.
      env: { PATH, NODE_OPTIONS: "--use-openssl-ca", COREPACK_INTEGRITY_KEYS: "0" },
      command: ["node"],
    },
  }
}

/** The releases of Debian that the official image is built on: what differs between them does not show here. */
const DEBIAN = "(?:trixie|bookworm|bullseye|buster|stretch)"
const TAGS: Readonly<Record<Flavour, string>> = {
  bookworm: `(?:-${DEBIAN})?`,
  "bookworm-slim": `(?:-${DEBIAN})?-slim`,
  alpine: `-${ALPINE}`,
}
const TAG = new RegExp(
  `^(?<version>\\d+(?:\\.\\d+){0,2}|[a-z]+)?-?(?:(?<alpine>${ALPINE})|${DEBIAN}?-?(?<slim>slim)?)$`,
)

/** Tags of the official image that name no number. */
const ALIASES: Readonly<Record<string, string>> = {
  latest: "latest",
  current: "latest",
  lts: String(NEWEST_LTS),
  ...Object.fromEntries(Object.entries(LTS_LINES).map(([name, major]) => [name, String(major)])),
}

const FLAVOUR = new RegExp(`^(?:${ALPINE}|slim|${DEBIAN}(?:-slim)?)$`)

/** Returns the version and the flavour that a tag of the official image names, or null. */
function parse(tag: string): { readonly version: string; readonly flavour: Flavour } | null {
  const named = FLAVOUR.test(tag) ? `latest-${tag}` : tag
  const { version = "", alpine, slim } = TAG.exec(named)?.groups ?? {}
  const known = /^\d/.test(version) ? version : ALIASES[version]
  if (known === undefined) return null
  const onDebian = slim ? "bookworm-slim" : "bookworm"
  return { version: known, flavour: alpine ? "alpine" : onDebian }
}

/** The first is the one to take where no version is asked for. */
export const NODES: readonly Recipe[] = (["bookworm-slim", "bookworm"] as const).flatMap((flavour) =>
  ["22", "20", "24"].map((version) => node(version, flavour)),
)

/** Every other version that npm's packages carry, exactly. */
export const NODE_FAMILY: Family = {
  name: "node",
  shown: "<version>",
  purpose: "runs the project's own tools on exactly that Node.js",
  like: node("latest"),
  of(tag) {
    const wanted = parse(tag)
    if (wanted === null) return null
    const recipe = node(wanted.version, wanted.flavour)
    return NODES.find((one) => one.tag === recipe.tag) ?? recipe
  },
}
