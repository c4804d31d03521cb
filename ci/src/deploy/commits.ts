import { type Directory, dag } from "@dagger.io/dagger"
import { GIT, gitIn, hasHistory } from "../project/history.js"
import { Fault } from "../run/fault.js"
import { type ImageSource, imageReference } from "../run/images.js"
import { runCommand } from "../run/run-command.js"

/** The commit to deploy, as git describes it. */
export interface Commits {
  readonly commit: string
  /** `Name <address>` of its author. */
  readonly author: string
  /** The commits that it contains, newest first, without itself. */
  readonly ancestors: readonly string[]
  /** False if `ancestors` is cut off. */
  readonly complete: boolean
}

const FOLDER = "/history"
const FACTS = "/tmp/facts"
/** Maximum length of `ancestors`. Older commits count as unknown. */
const MOST = 5000

const RUN = [
  gitIn(FOLDER),
  'head=$(git rev-parse --verify --quiet "$SLIPWAY_COMMIT^{commit}") || exit 3',
  `{ git log -1 --format='%an <%ae>' "$head"; git rev-parse --is-shallow-repository; git rev-list -n ${MOST} "$head"; } >${FACTS}`,
].join("\n")

/**
 * Reads the history of a commit.
 *
 * @param commit its hash, or "" for HEAD.
 * @throws {Fault} `configuration` without a history, or if the history lacks the commit.
 */
export async function commitsOf(history: Directory, commit: string, images: ImageSource): Promise<Commits> {
  const missing = (what: string) =>
    new Fault("configuration", {
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

/** Parses the file that git writes for {@link commitsOf}. */
export function readFacts(text: string): Commits {
  const [author = "", shallow, commit = "", ...ancestors] = text.trimEnd().split("\n")
  if (!/^[0-9a-f]{40,64}$/.test(commit)) throw new Error(`unexpected output of git: ${text.slice(0, 200)}`)
  return { commit, author, ancestors, complete: shallow === "false" && ancestors.length < MOST - 1 }
}
