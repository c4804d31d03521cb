import { parseJsonc, recordOf } from "../../formats/json.js"
import { isDockerfile } from "../dockerfile/names.js"
import { folderOf, INSTALLED, upwards } from "../manifest.js"
import { joinPath } from "../paths.js"
import type { Tree } from "../project.js"
import { type ComposeFile, readCompose, type Surroundings } from "./compose.js"
import { type ComposeCall, composeCalls, keyOf } from "./compose-calls.js"
import { withRelated } from "./compose-files.js"
import type { Compose, Env, Step } from "./found.js"
import { pairs } from "./values.js"

/** What the compose files of a repository describe. */
export interface Composes {
  /** By path; null for a file that cannot be read. */
  readonly all: readonly (readonly [path: string, read: Compose | null])[]
  /** For calls with several files or variables of their own, by `keyOf`. */
  readonly calls: Readonly<Record<string, Compose>>
  readonly around: Surroundings
}

type PathAndText = readonly [path: string, text: string]

/** What is known before compose files are read. */
interface Known {
  readonly env: Surroundings["env"]
  /** Those of the CI. */
  readonly steps: readonly Step[]
  /** How many files of a kind are read. */
  readonly limit: number
}

const OVERRIDE = /(^|\/)((?:docker-)?compose)(?:\.override)\.ya?ml$/
const MANIFEST = /(?:^|\/)package\.json$/

/**
 * Reads compose files: those of the usual names, and those that scripts of package.json and steps of the CI name, whatever
 * they are called.
 *
 * @param found those of the usual names, with their texts.
 */
export async function readComposes(
  tree: Tree,
  found: readonly PathAndText[],
  { env, steps, limit }: Known,
): Promise<Composes> {
  const readAll = (paths: readonly string[]) =>
    Promise.all(paths.slice(0, limit).map(async (path) => [path, await tree.read(path)] as const))
  const calls = composeCalls([...steps, ...(await scriptsOf(tree, limit))])
  const isFound = (path: string) => found.some(([one]) => one === path)
  const named = new Set(calls.flatMap(({ files }) => files))
  const more = await readAll([...named].filter((path) => tree.files.includes(path) && !isFound(path)))
  const texts = await withRelated(tree, new Map([...found, ...more]))
  const builds = [...texts.values()].some((text) => /\bbuild:/.test(text))
  const dockerfiles = new Map(await readAll(builds ? tree.files.filter(isDockerfile) : []))
  const around = { files: tree.files, env, texts, dockerfiles }
  const all = [...texts]
    .filter(([path]) => !OVERRIDE.test(path))
    .map(
      ([path, text]) =>
        [path, readCompose({ file: path, text }, around, overridesOf(path, around.texts))] as const,
    )
  return { all, around, calls: Object.fromEntries(calls.flatMap((call) => readingOf(call, around))) }
}

/** The scripts of all package.json, as steps in their folders. */
async function scriptsOf(tree: Tree, limit: number): Promise<readonly Step[]> {
  const manifests = tree.files.filter((file) => MANIFEST.test(file) && !INSTALLED.test(file)).slice(0, limit)
  const steps = manifests.map(async (file) =>
    Object.values(pairs(recordOf(parseJsonc(await tree.read(file))).scripts)).map(
      (run): Step => ({ run, env: {}, folder: folderOf(file) }),
    ),
  )
  return (await Promise.all(steps)).flat()
}

type Texts = ReadonlyMap<string, string>

/** The file that Compose lays over another one, unless it is told which to read. */
function overridesOf(path: string, texts: Texts): readonly ComposeFile[] {
  const file = path.replace(/\.(ya?ml)$/, ".override.$1")
  const text = texts.get(file)
  return text === undefined ? [] : [{ file, text }]
}

/** The names that Compose looks for. @see https://docs.docker.com/compose/intro/compose-application-model/#the-compose-file */
const USUAL = ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"]

/** What is read for a call; nothing where its files say the same for any other call. */
function readingOf(
  call: ComposeCall,
  around: Surroundings & { readonly texts: Texts },
): readonly (readonly [key: string, read: Compose])[] {
  const usual = upwards(call.folder)
    .flatMap((folder) => USUAL.map((name) => joinPath(folder, name)))
    .find((path) => around.texts.has(path))
  const paths = call.files.length > 0 ? call.files : [usual ?? ""]
  const files = paths.flatMap((file) => {
    const text = around.texts.get(file)
    return text === undefined ? [] : [{ file, text }]
  })
  const [first, ...others] = files
  if (first === undefined || !(files.length > 1 || call.envFiles.length > 0 || namesAny(files, call.env)))
    return []
  const over = call.files.length > 0 ? others : overridesOf(first.file, around.texts)
  const shell = { env: call.env, files: call.envFiles }
  const read = readCompose(first, { ...around, shell }, over)
  return read === null ? [] : [[keyOf(call), read]]
}

/** Tells whether files name any of some variables. */
const namesAny = (files: readonly ComposeFile[], env: Env): boolean =>
  files.some(({ text }) => [...text.matchAll(/\$\{?([A-Za-z_]\w*)/g)].some(([, name = ""]) => name in env))
