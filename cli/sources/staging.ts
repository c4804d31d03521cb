import * as fs from "node:fs"
import * as path from "node:path"
import { statOf } from "./files.js"

/** What a file of a staged folder is: another file of this machine, or a text. */
export type Staged = { readonly from: string } | { readonly text: string }

/**
 * Makes a folder hold exactly some files, and changes no more of it than it must: the engine's client reads what
 * changed since its last upload from the same path. Files are hard links where the disk allows, else copies.
 *
 * @param files by their path in the folder, with `/`. A file below another one's path is left out.
 */
export function stage(folder: string, files: ReadonlyMap<string, Staged>): void {
  const folders = new Set([""])
  const wanted = new Map<string, Staged>()
  for (const [file, content] of files) {
    const parents = ancestors(file)
    if (parents.some((parent) => files.has(parent))) continue
    wanted.set(file, content)
    for (const parent of parents) folders.add(parent)
  }
  fs.mkdirSync(folder, { recursive: true })
  prune(folder, "", wanted, folders)
  for (const one of folders) fs.mkdirSync(path.join(folder, one), { recursive: true })
  for (const [file, content] of wanted) place(path.join(folder, file), content)
}

function ancestors(file: string): readonly string[] {
  const parents: string[] = []
  for (let end = file.lastIndexOf("/"); end > 0; end = file.lastIndexOf("/", end - 1))
    parents.push(file.slice(0, end))
  return parents
}

/** Removes what is not wanted, or is of another kind. */
function prune(
  root: string,
  below: string,
  wanted: ReadonlyMap<string, Staged>,
  folders: ReadonlySet<string>,
): void {
  for (const entry of fs.readdirSync(path.join(root, below), { withFileTypes: true })) {
    const one = below === "" ? entry.name : `${below}/${entry.name}`
    const isFolder = entry.isDirectory()
    if (isFolder ? !folders.has(one) : !wanted.has(one))
      fs.rmSync(path.join(root, one), { recursive: true, force: true })
    else if (isFolder) prune(root, one, wanted, folders)
  }
}

function place(file: string, content: Staged): void {
  const there = statOf(file)
  if ("text" in content) {
    if (there === null || fs.readFileSync(file, "utf8") !== content.text) fs.writeFileSync(file, content.text)
    return
  }
  const source = statOf(content.from)
  if (source === null || (there !== null && isSame(source, there, content.from, file))) return
  if (there !== null) fs.rmSync(file, { force: true })
  if (source.isSymbolicLink()) fs.symlinkSync(fs.readlinkSync(content.from), file)
  else linkOrCopy(content.from, file, source)
}

/** True for the same file by another name, or a copy of it that is up to date. */
function isSame(source: fs.Stats, there: fs.Stats, from: string, file: string): boolean {
  if (source.isSymbolicLink())
    return there.isSymbolicLink() && fs.readlinkSync(from) === fs.readlinkSync(file)
  if (source.ino === there.ino && source.dev === there.dev) return true
  return (
    there.isFile() &&
    source.dev !== there.dev &&
    source.size === there.size &&
    source.mode === there.mode &&
    Math.abs(source.mtimeMs - there.mtimeMs) < 1 &&
    // No tool sets this time: the source has not changed since it was copied.
    source.ctimeMs < there.ctimeMs
  )
}

/** Not every disk links, nor does every file's owner allow it. */
function linkOrCopy(from: string, file: string, source: fs.Stats): void {
  try {
    fs.linkSync(from, file)
  } catch {
    fs.copyFileSync(from, file, fs.constants.COPYFILE_FICLONE)
    fs.chmodSync(file, source.mode)
    fs.utimesSync(file, source.atime, source.mtime)
  }
}
