import { type Directory, dag } from "@dagger.io/dagger"
import { GIT, gitIn, hasHistory } from "../project/history.js"
import { Fault } from "../run/fault.js"
import { type ImageSource, imageReference } from "../run/images.js"
import { runCommand } from "../run/run-command.js"

/** A commit, its parents, and all names of its authors and co-authors. */
export interface Commit {
  readonly commit: string
  readonly parents: readonly string[]
  readonly authors: readonly string[]
}

/** The commit to deploy, as git describes it. */
export interface Commits {
  readonly commit: string
  /** `Name <address>` of its author. */
  readonly author: string
  /** Itself and the commits that it contains, newest first, with everybody who wrote them. */
  readonly history: readonly Commit[]
  /** The commits that it contains, newest first, without itself. */
  readonly ancestors: readonly string[]
  /** False if `ancestors` is cut off. */
  readonly complete: boolean
}

const FOLDER = "/history"
const FACTS = "/tmp/facts"
/** Maximum length of `ancestors`. Older commits count as unknown. */
const MOST = 5000

/** Who wrote a commit: as it says, and as the mailmap of the release has it. The text is indented: it can be no other line. */
const LOG = "commit %H %P%nauthor %an <%ae>%nauthor %aN <%aE>%n%w(0,4,4)%B%w()"
/** Co-authors stand in the trailers, and of squashed commits anywhere in the text. */
const KEPT = "^(commit|author) |^ +co-authored-by:"

const RUN = [
  gitIn(FOLDER),
  'head=$(git rev-parse --verify --quiet "$SLIPWAY_COMMIT^{commit}") || exit 3',
  'mapped="git -c mailmap.blob=$head:.mailmap -c log.showSignature=false"',
  `git rev-parse --is-shallow-repository >${FACTS}`,
  `$mapped log -n ${MOST} --format='${LOG}' "$head" >/tmp/log || exit 1`,
  `LC_ALL=C grep -iE '${KEPT}' /tmp/log >>${FACTS}`,
  // The mailmap knows other names of co-authors as well.
  `sed -nE 's/^ +[Cc][Oo]-[Aa][Uu][Tt][Hh][Oo][Rr][Ee][Dd]-[Bb][Yy]: *(.*<[^<>]+>).*$/\\1/p' /tmp/log | sort -u >/tmp/others`,
  `$mapped check-mailmap --stdin </tmp/others >/tmp/mapped || : >/tmp/mapped`,
  `paste -d '\\t' /tmp/others /tmp/mapped | sed 's/^/same /' >>${FACTS}`,
].join("\n")

/**
 * Reads the history of a commit.
 *
 * @param commit its hash, or "" for HEAD.
 * @throws {Fault} `commit` without a history, or if the history lacks the commit.
 */
export async function commitsOf(history: Directory, commit: string, images: ImageSource): Promise<Commits> {
  const missing = (what: string) =>
    new Fault("commit", {
      what,
      where: null,
      fix: "deploy from a git clone with the full history (`fetch-depth: 0`): it shows which commit is older",
    })
  if (!(await hasHistory(history))) throw missing("no git history found")
  const ran = await runCommand({
    container: dag
      .container()
      .from(imageReference(GIT, images))
      .withUser("root")
      .withDirectory(FOLDER, history)
      .withEnvVariable("SLIPWAY_COMMIT", commit || "HEAD"),
    steps: [{ name: "history", run: RUN, timeout: 120 }],
    reports: [FACTS],
  })
  if (ran.failed?.exitCode === 3) throw missing(`commit ${commit || "HEAD"} not found in the git history`)
  return readFacts(ran.reports[FACTS] ?? "")
}

const CO_AUTHOR = /^ +co-authored-by:\s*(.+?)\s*$/i

/** Returns the other name that the mailmap has for each co-author. */
const sameNames = (lines: readonly string[]): ReadonlyMap<string, string> =>
  new Map(
    lines
      .filter((line) => line.startsWith("same "))
      .map((line) => line.slice("same ".length).split("\t"))
      .flatMap(([name, other]) => (name && other ? [[name, other] as const] : [])),
  )

/** Parses the file that git writes for {@link commitsOf}. */
export function readFacts(text: string): Commits {
  const [shallow, ...lines] = text.trimEnd().split("\n")
  const same = sameNames(lines)
  const history: { commit: string; parents: string[]; authors: string[] }[] = []
  for (const line of lines) {
    const [, name] = CO_AUTHOR.exec(line) ?? []
    const names = name === undefined ? [line.slice("author ".length)] : [name, same.get(name) ?? name]
    if (line.startsWith("commit ")) {
      const [commit = "", ...parents] = line.slice("commit ".length).trim().split(" ")
      history.push({ commit, parents, authors: [] })
    } else if (name !== undefined || line.startsWith("author ")) history.at(-1)?.authors.push(...names)
  }
  const all = history.map((one) => ({ ...one, authors: [...new Set(one.authors)] }))
  const [head, ...rest] = all
  if (!head || !/^[0-9a-f]{40,64}$/.test(head.commit))
    throw new Error(`unexpected output of git: ${text.slice(0, 200)}`)
  return {
    commit: head.commit,
    author: head.authors[0] ?? "",
    history: all,
    ancestors: rest.map(({ commit }) => commit),
    complete: shallow === "false" && rest.length < MOST - 1,
  }
}
