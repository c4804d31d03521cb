import { Fault } from "../run/fault.js"
import { NODE_MAJORS } from "./config.js"
import { MANIFEST, type Manifest } from "./manifest.js"
import type { Tree } from "./project.js"

/** The current long-term support release first, then what is supported longest; odd ones last. */
const PREFERRED_NODE = [22, 24, 20, 18, 26, 25, 23, 21, 19]

/** What nvm calls versions by, https://github.com/nvm-sh/nvm#usage; code names by https://github.com/nodejs/Release. */
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
 * The major version of Node.js to use for what `.nvmrc`, `.node-version` or `engines.node` say: a version, a
 * range as npm reads it, or an alias of nvm's. Of several that fit, the current long-term support release.
 * Null where none that Slipway has fits, or the text is no version.
 */
export function nodeMajor(wanted: string): string | null {
  const text = wanted.trim()
  const range = NODE_ALIASES[text.toLowerCase()] ?? text
  const alternatives = range.split("||").map(toComparators)
  const major = PREFERRED_NODE.find((major) => alternatives.some((all) => all.every((fits) => fits(major))))
  return major === undefined ? null : String(major)
}

type Comparator = (major: number) => boolean

/** A bound with a minor version cuts its major off: the newest of that major, which is what runs, lies above. */
const COMPARATORS: Readonly<Record<string, (bound: number, hasMinor: boolean) => Comparator>> = {
  "": (bound) => (major) => major === bound,
  "=": (bound) => (major) => major === bound,
  "^": (bound) => (major) => major === bound,
  "~": (bound) => (major) => major === bound,
  ">=": (bound) => (major) => major >= bound,
  ">": (bound, hasMinor) => (major) => (hasMinor ? major >= bound : major > bound),
  "<": (bound) => (major) => major < bound,
  "<=": (bound, hasMinor) => (major) => (hasMinor ? major < bound : major <= bound),
}
const COMPARATOR = /^([<>]=?|[=^~]?)v?(\d+)(\.\d+)?[\w.+-]*$/

function toComparators(range: string): readonly Comparator[] {
  const parts = range
    .trim()
    .replace(/^(\S+)\s+-\s+(\S+)$/, ">=$1 <=$2")
    .replace(/~>/g, "~")
    .replace(/([<>=^~])\s+/g, "$1")
    .split(/\s+/)
  return parts.map((part) => {
    if (/^(?:[*xX](?:\.[*xX])*)?$/.test(part)) return () => true
    const [, operator = "", major, minor] = COMPARATOR.exec(part) ?? []
    return major === undefined
      ? () => false
      : (COMPARATORS[operator]?.(Number(major), minor !== undefined) ?? (() => false))
  })
}

export async function nodeOf(tree: Tree, manifest: Manifest): Promise<string> {
  const file = [".nvmrc", ".node-version"].find((name) => tree.files.includes(name))
  const text = file === undefined ? manifest.node : withoutComments(await tree.read(file))
  const major = nodeMajor(text)
  if (major !== null) return major
  const range = `${NODE_MAJORS[0]} to ${NODE_MAJORS.at(-1)}`
  throw new Fault("configuration", {
    what: `${file === undefined ? "engines.node" : "it"} asks for Node.js "${text}", which is none of the versions that Slipway has: ${range}`,
    where: file ?? MANIFEST,
    fix: `set \`node\` in slipway.yaml to the version to use instead, from ${range}`,
  })
}

function withoutComments(text: string): string {
  return text.replace(/#.*$/gm, "").trim()
}
