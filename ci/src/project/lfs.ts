import type { Directory } from "@dagger.io/dagger"
import { NODE } from "../run/images.js"
import { type Given, WORKDIR } from "../run/stage.js"

const LIST = "/tmp/lfs-files"
const POINTERS = "/tmp/lfs-pointers"
const TIMEOUT = 120

/** @see https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md */
const FIND = [
  "while IFS= read -r file; do",
  '  [ -f "$file" ] && [ "$(wc -c <"$file")" -lt 1024 ] || continue',
  '  head -c 43 "$file" | grep -q "^version https://git-lfs.github.com/spec/" && echo "$file"',
  `done <${LIST} >${POINTERS}; true`,
].join("\n")

/** The way out, for a person. */
const FETCH_LFS = "Run `git lfs pull` (in CI: `lfs: true` of the checkout, or GIT_LFS_SKIP_SMUDGE unset)"

/**
 * Returns those files that hold the pointer of Git LFS instead of their content.
 *
 * @param source a folder with the files.
 * @param files their paths in it.
 */
export async function lfsPointers(
  given: Given,
  source: Directory,
  files: readonly string[],
): Promise<readonly string[]> {
  if (files.length === 0) return []
  const ran = await given.command({
    container: given
      .image(NODE)
      .withDirectory(WORKDIR, source)
      .withNewFile(LIST, files.map((file) => `${file}\n`).join(""))
      .withWorkdir(WORKDIR),
    steps: [{ name: "pointers", run: FIND, timeout: TIMEOUT }],
    reports: [POINTERS],
  })
  const text = ran.reports[POINTERS]
  if (ran.failed !== null || text === undefined) throw new Error("cannot look for pointers of Git LFS")
  return text.split("\n").filter(Boolean)
}

const SHOWN = 3

/** `2 Git LFS pointers instead of files: a.bin, b.bin` */
export function pointersText(pointers: readonly string[]): string {
  const more = pointers.length > SHOWN ? `, and ${pointers.length - SHOWN} more` : ""
  const what =
    pointers.length === 1 ? "a Git LFS pointer instead of a file" : "Git LFS pointers instead of files"
  return `${what}: ${pointers.slice(0, SHOWN).join(", ")}${more}. ${FETCH_LFS}`
}
