import * as fs from "node:fs"
import * as path from "node:path"
import { plural } from "../../ci/src/formats/figures.js"
import { git, gitBytes } from "../../engine/host/git.js"
import { CommandFault } from "../fault.js"
import { decoded, split, statOf } from "./files.js"

/** Marks a file whose place in the working tree git passes over (`git ls-files -t`). */
const SKIPPED = "S "

/**
 * Lays out the tracked files that a sparse checkout leaves out, as the index has them: the commit has them, so that a
 * full clone gets the same verdict.
 *
 * @param place a folder that holds nothing else.
 * @returns where each of them lies, by its path in the app.
 */
export function sparseFiles(app: string, place: string): ReadonlyMap<string, string> {
  fs.rmSync(place, { recursive: true, force: true })
  if (git(app, "config", "--type=bool", "core.sparseCheckout") !== "true") return new Map()
  const listed = gitBytes(app, ["ls-files", "-z", "-t", "--cached"]) ?? Buffer.alloc(0)
  const names = split(listed)
    .flatMap((line) => decoded(line) ?? [])
    .filter((line) => line.startsWith(SKIPPED))
    .map((line) => line.slice(SKIPPED.length))
    .filter((name) => statOf(path.join(app, name)) === null)
  if (names.length === 0) return new Map()
  fs.mkdirSync(place, { recursive: true })
  const words = ["checkout-index", "-z", "--stdin", "--ignore-skip-worktree-bits", `--prefix=${place}/`]
  const input = names.map((name) => `${name}\0`).join("")
  if (gitBytes(app, words, {}, input) === null) throw unreadable(names.length)
  const below = git(app, "rev-parse", "--show-prefix") ?? ""
  return new Map(names.map((name) => [name, path.join(place, below, name)]))
}

const unreadable = (count: number): CommandFault =>
  new CommandFault(
    "no-folder",
    `cannot read ${plural(count, "file")} that the sparse checkout leaves out`,
    "run `git sparse-checkout disable`",
  )
