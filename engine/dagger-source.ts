import * as fs from "node:fs"
import * as path from "node:path"

/** Changes to Dagger's sources: the contents of `engine/go/changes.json`. */
export interface SourceChanges {
  /** Files to add, by path in Dagger's sources: path in `engine/go`. The folder of a stand-in is emptied first. */
  readonly add: Readonly<Record<string, string>>
  readonly edit: readonly SourceEdit[]
}

/** A replacement in one file of Dagger's sources. */
export interface SourceEdit {
  readonly file: string
  /** Text that occurs exactly once in the file. */
  readonly from: string
  readonly to: string
}

/** The package whose dependency is missing on package mirrors; its stand-in is its only file. */
const REPLACED = "core/sdk/dang/v2"

/**
 * Changes a copy of Dagger's sources.
 *
 * @param folder the copy.
 * @param sources the folder `engine/go`.
 * @throws Error where an edit does not fit: the sources are of another release.
 */
export function changeDagger(folder: string, sources: string): void {
  const changes: SourceChanges = JSON.parse(fs.readFileSync(path.join(sources, "changes.json"), "utf8"))
  fs.rmSync(path.join(folder, REPLACED), { recursive: true })
  for (const [target, source] of Object.entries(changes.add)) {
    const file = path.join(folder, target)
    fs.mkdirSync(path.dirname(file), { recursive: true })
    fs.copyFileSync(path.join(sources, source), file)
  }
  for (const edit of changes.edit) {
    const file = path.join(folder, edit.file)
    fs.writeFileSync(file, edited(fs.readFileSync(file, "utf8"), edit))
  }
}

/** Applies an edit to a file's text. */
export function edited(text: string, { file, from, to }: SourceEdit): string {
  const parts = text.split(from)
  if (parts.length === 2) return parts.join(to)
  throw new Error(`${file}: expected this text once, found it ${parts.length - 1} times: ${from.trim()}`)
}
