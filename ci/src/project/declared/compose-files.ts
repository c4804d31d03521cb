import { readYaml } from "../../config/yaml-position.js"
import { recordOf } from "../../formats/json.js"
import { folderOf } from "../manifest.js"
import { pathFrom } from "../paths.js"
import type { Tree } from "../project.js"
import { listOf, type Services } from "./compose-merge.js"
import { scalar } from "./values.js"

/** Texts of compose files, by path. */
export type Texts = ReadonlyMap<string, string>

/** Adds the files that compose files include or extend. */
export async function withRelated(tree: Tree, texts: Texts): Promise<Texts> {
  const all = new Map(texts)
  let open = [...texts]
  while (open.length > 0) {
    const paths = open.flatMap(([file, text]) =>
      /(?:^include|\bextends):/m.test(text) ? relatedTo(file, text) : [],
    )
    const missing = [...new Set(paths)].filter((path) => tree.files.includes(path) && !all.has(path))
    open = await Promise.all(missing.map(async (path) => [path, await tree.read(path)] as const))
    for (const [path, text] of open) all.set(path, text)
  }
  return all
}

function relatedTo(file: string, text: string): readonly string[] {
  const value = recordOf(readYaml(text).value)
  const extended = Object.values(recordOf(value.services)).map((one) => recordOf(recordOf(one).extends).file)
  return [...includedIn(file, value), ...pathsOf(file, extended)]
}

/** The files that a compose file includes. @see https://docs.docker.com/reference/compose-file/include/ */
export const includedIn = (file: string, value: unknown): readonly string[] =>
  pathsOf(
    file,
    listOf(recordOf(value).include).flatMap((one) => scalar(one) ?? listOf(recordOf(one).path)),
  )

const pathsOf = (file: string, paths: readonly unknown[]): readonly string[] =>
  paths.flatMap((path) => pathFrom(folderOf(file), scalar(path) ?? "/") ?? [])

/** Returns the services of a file that another one names, as they are written there. */
export function servicesIn(texts: Texts, file: string, path: string): Services {
  const text = texts.get(pathFrom(folderOf(file), path) ?? "")
  const services = text === undefined ? {} : recordOf(recordOf(readYaml(text).value).services)
  return Object.fromEntries(Object.entries(services).map(([host, one]) => [host, recordOf(one)]))
}
