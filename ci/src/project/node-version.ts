import semver from "semver"
import { Fault } from "../run/fault.js"
import { NODE_MAJORS } from "./config.js"
import { MANIFEST, type Manifest } from "./manifest.js"
import type { Tree } from "./project.js"

/** The current long-term support release first, then what is supported longest; odd ones last. */
const PREFERRED_NODE = [22, 24, 20, 18, 26, 25, 23, 21, 19]

/** Aliases of nvm, https://github.com/nvm-sh/nvm#usage; code names by https://github.com/nodejs/Release. */
const NODE_ALIASES: Readonly<Record<string, string>> = {
  "lts/hydrogen": "18",
  "lts/iron": "20",
  "lts/jod": "22",
  "lts/krypton": "24",
  "lts/*": "*",
  lts: "*",
  node: "*",
  stable: "*",
  latest: "*",
  current: "*",
  system: "*",
}

/**
 * Returns the major version of Node.js for the text of `.nvmrc`, `.node-version` or `engines.node`: a version, a range
 * as npm reads it, or an alias of nvm. Of several that match, the current long-term support release. Null if Slipway has
 * none that matches, or the text is not a version.
 */
export function nodeMajor(wanted: string): string | null {
  const text = wanted.trim()
  const range = semver.validRange(NODE_ALIASES[text.toLowerCase()] ?? text, LOOSE)
  if (range === null) return null
  // What runs is the newest of a major version; an older one of it is in the range where nothing better is.
  const newest = PREFERRED_NODE.find((major) => semver.satisfies(`${major}.999.999`, range))
  const any = () =>
    PREFERRED_NODE.find((major) => semver.intersects(`>=${major}.0.0-0 <${major + 1}.0.0-0`, range, LOOSE))
  const major = newest ?? any()
  return major === undefined ? null : String(major)
}

const LOOSE = { loose: true, includePrerelease: true } as const

export async function nodeOf(tree: Tree, manifest: Manifest): Promise<string> {
  const file = [".nvmrc", ".node-version"].find((name) => tree.files.includes(name))
  const text = file === undefined ? manifest.node : withoutComments(await tree.read(file))
  const major = nodeMajor(text)
  if (major !== null) return major
  const range = `${NODE_MAJORS[0]} to ${NODE_MAJORS.at(-1)}`
  throw new Fault("configuration", {
    what: `${file === undefined ? "engines.node: " : ""}Node.js "${text}" is not supported: Slipway has ${range}`,
    where: file ?? MANIFEST,
    fix: `set \`node\` in slipway.yaml to a version from ${range}`,
  })
}

function withoutComments(text: string): string {
  return text.replace(/#.*$/gm, "").trim()
}
