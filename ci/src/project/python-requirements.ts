import type { Declared } from "./declared/found.js"
import { folderOf } from "./manifest.js"
import { pathFrom } from "./paths.js"
import type { Tree } from "./project.js"
import { linesOf } from "./python-dependencies.js"
import { installsOf } from "./python-team.js"

/** A requirements file, and those that it names. */
interface RequirementsFile {
  readonly file: string
  readonly lines: readonly string[]
}

/** What requirements files name beside packages of an index. */
export interface Requirements {
  readonly lines: readonly string[]
  /** Files that name the project itself: `-e .[full]`. It is installed when its code is there. */
  readonly naming: readonly string[]
  /** The extras of the project that they, or installs of the team's CI, name. */
  readonly extras: readonly string[]
  /** Other folders and files of the repository: `-e ./lib`. */
  readonly local: readonly string[]
}

/** `-r base.txt`, `--requirement=base.txt` */
const OTHER = /^(?:-r|--requirements?)[\s=]*(\S+)/
/** A requirement that is a path: `-e ./lib[extra]`, `.`, `file:../lib`. */
const PATH =
  /^(?:(?:-e|--editable)[\s=]*)?["']?(?:file:(?:\/\/)?)?(\.{1,2}(?:\/[^\s"'[;]*)?)(?:\[([^\]]*)\])?(?=$|[\s"';])/

/** Reads requirements files, and those that they name, each once. */
async function filesOf(tree: Tree, named: readonly string[]): Promise<readonly RequirementsFile[]> {
  const files = [...named]
  const found: RequirementsFile[] = []
  for (const file of files) {
    const lines = linesOf(await tree.read(file))
    found.push({ file, lines })
    const others = lines.flatMap((line) => pathFrom(folderOf(file), OTHER.exec(line)?.[1] ?? "") ?? [])
    files.push(...others.filter((other) => tree.files.includes(other) && !files.includes(other)))
  }
  return found
}

/** A path that a requirement names, relative to the repository, and extras of what is there. */
interface Local {
  readonly path: string
  readonly extras: readonly string[]
}

function localIn(requirement: string, folder: string): readonly Local[] {
  const [found, place = "", extras = ""] = PATH.exec(requirement) ?? []
  const path = pathFrom(folder, place)
  if (found === undefined || path === null) return []
  return [{ path, extras: extras.split(/[\s,]+/).filter(Boolean) }]
}

/**
 * Reads requirements files, and what the team's CI installs with pip for its checks.
 *
 * @param folder of the project, in the repository.
 */
export async function requirementsOf(
  tree: Tree,
  named: readonly string[],
  declared: Declared | null,
  folder: string,
): Promise<Requirements> {
  const isItself = ({ path }: Local) => path === folder
  const files = (await filesOf(tree, named)).map((one) => ({
    ...one,
    local: one.lines.flatMap((line) => localIn(line, folder)),
  }))
  const local = files.flatMap((one) => one.local)
  const installs = declared === null ? [] : installsOf(declared, folder)
  const byTeam = installs.flatMap((run) => run.split(/[\s"']+/)).flatMap((word) => localIn(word, folder))
  return {
    lines: files.flatMap(({ lines }) => lines),
    naming: files.filter((one) => one.local.some(isItself)).map(({ file }) => file),
    extras: [...new Set([...local, ...byTeam].filter(isItself).flatMap(({ extras }) => extras))],
    local: [...new Set(local.filter((one) => !isItself(one)).map(({ path }) => path))].sort(),
  }
}
