import { quote } from "../run/command.js"
import { type Given, WORKDIR } from "../run/stage.js"
import { GIT, gitIn, hasHistory } from "./history.js"

const hashOf = (name: string) => ["git rev-parse --quiet --verify", quote(`${name}^{commit}`)].join(" ")

/**
 * Returns a shell script that writes the commits of the change into a file: `range <merge base> <head>`, or why there
 * are none: `empty` (no commits), `shallow` (the clone is cut off before the base), `baseless` (no such base).
 *
 * @param history the folder of `.git`.
 * @param base the commit or branch that the change is compared with.
 */
export function rangeScript(history: string, base: string, file: string): string {
  // A local branch may be outdated, or be a fork's own branch of the same name, which the change itself is on.
  const found = [`refs/remotes/origin/${base}`, base].map(hashOf).join(" || ")
  return [
    gitIn(history),
    `head=$(${hashOf("HEAD")}) || { echo empty >${file}; exit; }`,
    `base=$(${found})`,
    '[ -n "$base" ] && base=$(git merge-base "$base" "$head") || base=',
    `if [ -n "$base" ]; then echo "range $base $head" >${file}`,
    `elif [ "$(git rev-parse --is-shallow-repository)" = true ]; then echo shallow >${file}`,
    `else echo baseless >${file}; fi`,
  ].join("\n")
}

const HISTORY = "/history"
const [STATE, FILES, DIFFER] = ["/tmp/range", "/tmp/files", "/tmp/differ"] as const
const TIMEOUT = 300

/** What the file of the project is, compared with the one of the merge base: another file, or none, differs. */
const COMPARE = [
  gitIn(HISTORY),
  `read -r word base head <${STATE}`,
  '[ "$word" = range ] || exit 0',
  "while IFS= read -r file; do",
  '  [ "$(git rev-parse --quiet --verify "$base:$file")" = "$(git hash-object -- "$file")" ] || echo "$file"',
  `done <${FILES} >${DIFFER}`,
].join("\n")

/**
 * Asks git which files of the project differ from the merge base of the change. What is not committed counts too.
 *
 * @param files paths in the project, among the files of the stage.
 * @returns null where git cannot tell: no base is named, or the history does not hold it.
 */
export async function changedAmong(
  given: Given,
  files: readonly string[],
): Promise<ReadonlySet<string> | null> {
  const { base } = given.context
  if (base === null || !(await hasHistory(given.history))) return null
  const ran = await given.command({
    container: given
      .image(GIT)
      .withUser("root")
      .withDirectory(HISTORY, given.history)
      .withDirectory(WORKDIR, given.source)
      .withNewFile(FILES, files.map((file) => `${file}\n`).join(""))
      .withWorkdir(WORKDIR),
    steps: [
      { name: "history", run: rangeScript(HISTORY, base, STATE), timeout: TIMEOUT },
      { name: "files", run: COMPARE, timeout: TIMEOUT },
    ],
    reports: [DIFFER],
  })
  const text = ran.reports[DIFFER]
  return ran.failed || text === undefined ? null : new Set(text.split("\n").filter(Boolean))
}
