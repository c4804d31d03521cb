import { type Directory, dag } from "@dagger.io/dagger"
import { gitIn, hasHistory } from "../project/history.js"
import { Fault } from "../run/fault.js"
import { type Image, type ImageSource, imageReference } from "../run/images.js"
import { runCommand } from "../run/run.js"

/** Reads the history of a commit. */
export const GIT: Image = { name: "alpine/git", tag: "v2.47.2" }

/** What git says of the commit that is deployed. */
export interface Commits {
  readonly commit: string
  /** Its author's name and address. */
  readonly author: string
  /** The commits that it contains, newest first, itself left out. */
  readonly ancestors: readonly string[]
  /** False where the history is cut off, so that older commits are not in the list. */
  readonly complete: boolean
}

const FOLDER = "/history"
const FACTS = "/tmp/facts"
/** How far back an environment may lie: older than that counts as unknown. */
const MOST = 5000

const RUN = [
  gitIn(FOLDER),
  'head=$(git rev-parse --verify --quiet "$SLIPWAY_COMMIT^{commit}") || exit 3',
  `{ git log -1 --format='%an <%ae>' "$head"; git rev-parse --is-shallow-repository; git rev-list -n ${MOST} "$head"; } >${FACTS}`,
].join("\n")

/**
 * Reads the history of a commit.
 *
 * @param commit its hash, or "" for what is checked out.
 * @throws {Fault} `configuration` where there is no history, or no such commit in it.
 */
export async function commitsOf(history: Directory, commit: string, images: ImageSource): Promise<Commits> {
  const missing = (what: string) =>
    new Fault("configuration", {
      what,
      where: null,
      fix: "deploy from a git repository with all of its history (fetch-depth: 0): it tells which commit is older",
    })
  if (!(await hasHistory(history))) throw missing("there is no git history")
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
  if (ran.failed?.exitCode === 3) throw missing(`the history has no commit ${commit || "HEAD"}`)
  return readFacts(ran.reports[FACTS] ?? "")
}

/** Reads what {@link commitsOf} has git write. */
export function readFacts(text: string): Commits {
  const [author = "", shallow, commit = "", ...ancestors] = text.trimEnd().split("\n")
  if (!/^[0-9a-f]{40,64}$/.test(commit))
    throw new Error(`git did not say what the commit is: ${text.slice(0, 200)}`)
  return { commit, author, ancestors, complete: shallow === "false" && ancestors.length < MOST - 1 }
}
