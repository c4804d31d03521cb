import * as fs from "node:fs"
import * as path from "node:path"
import { globMatcher } from "../../ci/src/formats/glob.js"
import { HISTORY } from "../../ci/src/project/ignore.js"
import { git } from "../../engine/host/git.js"
import { folderFiles } from "./files.js"
import { type Staged, stage } from "./staging.js"

/** Where a repository keeps its commits. */
interface Repository {
  /** Of this working tree alone: its HEAD. */
  readonly own: string
  /** Shared by all working trees: objects, branches. */
  readonly common: string
  /** Folders of objects that it borrows from other repositories on this machine. */
  readonly borrowed: readonly string[]
}

/**
 * Returns a folder whose `.git` folder is the history of an app's repository: the repository itself where it is such a
 * folder. The history of a linked working tree, of a submodule, or of a clone that borrows objects (`--reference`) lies
 * elsewhere: it is laid out in `place` with hard links.
 */
export function historyFolder(app: string, place: string): string {
  const top = git(app, "rev-parse", "--show-toplevel")
  const repository = top === null ? null : repositoryOf(app)
  if (top === null || repository === null) return emptyFolder(place)
  const isPlain = repository.own === path.join(top, ".git") && repository.borrowed.length === 0
  if (isPlain && !OF_CHECKOUT.test(readText(path.join(repository.own, "config")) ?? "")) return top
  stage(place, historyFiles(repository))
  return place
}

function emptyFolder(place: string): string {
  stage(place, new Map())
  return place
}

function repositoryOf(app: string): Repository | null {
  const own = git(app, "rev-parse", "--absolute-git-dir")
  const common = git(app, "rev-parse", "--git-common-dir")
  if (own === null || common === null) return null
  const shared = fs.realpathSync(path.resolve(app, common))
  return { own: fs.realpathSync(own), common: shared, borrowed: borrowedBy(path.join(shared, "objects")) }
}

/** @see https://git-scm.com/docs/gitrepository-layout (objects/info/alternates) */
function borrowedBy(objects: string, seen: readonly string[] = []): readonly string[] {
  const text = readText(path.join(objects, "info/alternates")) ?? ""
  const folders = text
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => path.resolve(objects, line))
    .filter((folder) => fs.existsSync(folder) && !seen.includes(folder))
  return folders.flatMap((folder) => [folder, ...borrowedBy(folder, [...seen, objects, ...folders])])
}

/** The files of {@link Repository} as one `.git` folder that depends on nothing else. */
function historyFiles({ own, common, borrowed }: Repository): ReadonlyMap<string, Staged> {
  const below = (folder: string, as: string): readonly (readonly [string, Staged])[] =>
    folderFiles(folder, []).files.map((file) => [`${as}/${file}`, { from: path.join(folder, file) }])
  const dropped = globMatcher([...HISTORY.filter((pattern) => pattern.startsWith(".git/")), ALTERNATES])
  const files = new Map([
    ...borrowed.flatMap((folder) => below(folder, ".git/objects")),
    ...below(common, ".git").filter(([file]) => !dropped(file)),
    [".git/HEAD", { from: path.join(own, "HEAD") }] as const,
    [".git/config", { text: plainConfig(readText(path.join(common, "config")) ?? "") }] as const,
  ])
  files.delete(ALTERNATES)
  return files
}

const ALTERNATES = ".git/objects/info/alternates"

/** Says where the files of working trees are. Git before 2.48 refuses a repository with relative ones. */
const OF_CHECKOUT = /^\s*(?:worktree|relativeWorktrees)\s*=.*$/im

/** A repository's configuration, without what says where its files are checked out. */
const plainConfig = (config: string): string =>
  config
    .split("\n")
    .filter((line) => !OF_CHECKOUT.test(line) && !/^\s*bare\s*=/i.test(line))
    .join("\n")

function readText(file: string): string | null {
  try {
    return fs.readFileSync(file, "utf8")
  } catch {
    return null
  }
}
