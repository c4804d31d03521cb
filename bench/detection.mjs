/**
 * Runs Slipway's detection without an engine: compiles the sources of `plan`, and makes the plan of a folder in a commit.
 * Nothing is checked out.
 */
import { spawnSync } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import { build } from "esbuild"

const HOME = path.resolve(import.meta.dirname, "..")
const COMPILED = path.join(HOME, "node_modules/.cache/slipway-detection.mjs")

const SOURCES = `
export { plainManifests } from "./ci/src/project/other-manifests.js"
export { detectRepository } from "./ci/src/project/repository.js"
export { unknownProject } from "./ci/src/project/unknown.js"
export { graph } from "./ci/src/run/pipeline.js"
export { planText } from "./ci/src/run/plan-text.js"
export { defaultConfig } from "./ci/src/settings.js"
export { KINDS } from "./ci/src/stages.js"
`

/** Compiles detection. */
export async function compiled() {
  fs.mkdirSync(path.dirname(COMPILED), { recursive: true })
  await build({
    stdin: { contents: SOURCES, resolveDir: HOME, loader: "ts" },
    outfile: COMPILED,
    bundle: true,
    platform: "node",
    format: "esm",
    packages: "external",
    logLevel: "silent",
  })
  return import(COMPILED)
}

/** Reads a commit of a git directory. */
export function commitOf(repository, commit) {
  const git = (...args) => {
    const { status, stdout, stderr } = spawnSync("git", ["-C", repository, ...args], {
      encoding: "utf8",
      maxBuffer: 1 << 28,
    })
    if (status !== 0) throw new Error(`git ${args.join(" ")}: ${stderr}`)
    return stdout
  }
  const all = git("ls-tree", "-r", "-z", commit)
    .split("\0")
    .map((line) => /^100\d+ blob \S+\t(.*)$/s.exec(line)?.[1])
    .filter((file) => file !== undefined)
  return { files: all.sort(), read: async (file) => git("cat-file", "blob", `${commit}:${file}`) }
}

/** Returns the files in a folder as a tree. */
export const inFolder = ({ files, read }, folder) => ({
  files: files.filter((file) => file.startsWith(`${folder}/`)).map((file) => file.slice(folder.length + 1)),
  read: (file) => read(`${folder}/${file}`),
})

/** Returns the plan of a tree. */
export async function planOf(slipway, tree) {
  const made = await slipway.plainManifests(tree)
  const texts = new Map(made.map(({ path: file, text }) => [file, text]))
  const files = [...tree.files, ...texts.keys()].sort()
  const read = async (file) => texts.get(file) ?? tree.read(file)
  const repository = await slipway.detectRepository({ files, read }, slipway.defaultConfig())
  const plan = { repository, ...slipway.graph(repository, slipway.KINDS) }
  return { ...plan, unknown: slipway.unknownProject(repository, slipway.KINDS), text: slipway.planText(plan) }
}
