import { dag } from "@dagger.io/dagger"
import { rangeScript } from "../../project/changes.js"
import { hasHistory } from "../../project/history.js"
import { inCi } from "../../run/context.js"
import type { Image } from "../../run/images.js"
import { WORKDIR } from "../../run/stage.js"
import { readGitleaks } from "../read/gitleaks.js"
import { DidNotLook } from "../read/report.js"
import type { Scanner } from "../scanner.js"

const TIMEOUT = 600
const REPORT = "/report/report.json"
const STATE = "/report/history"
const HISTORY = "/history"

const OPTIONS = `--report-format json --report-path ${REPORT} --redact --exit-code 0 --no-banner --no-color`

/** Finds secrets in files and commits. */
export const GITLEAKS: Image = { name: "zricethezav/gitleaks", tag: "v8.30.1" }

const base = { image: GITLEAKS, maxAge: () => null } as const

const tree: Scanner = {
  ...base,
  tool: "gitleaks",
  prepare: async ({ given }) => ({
    command: {
      container: given
        .image(base.image)
        .withUser("root")
        .withDirectory("/report", dag.directory())
        .withDirectory(WORKDIR, given.source),
      steps: [{ name: "gitleaks", run: `gitleaks dir ${WORKDIR} ${OPTIONS}`, timeout: TIMEOUT }],
    },
    report: REPORT,
  }),
  read: (text, ran) => readGitleaks(text, ran.log.text, WORKDIR),
}

const run = [
  `read -r word base head <${STATE}`,
  '[ "$word" = range ] || exit 0',
  // Nothing to look at is no reason for gitleaks to look at all that there is.
  `[ "$base" != "$head" ] || { echo same >${STATE}; exit 0; }`,
  `git config --global --add safe.directory '*'`,
  `gitleaks git ${HISTORY} --log-opts="$base..$head" ${OPTIONS}`,
].join("\n")

const UNSEEN: Readonly<Record<string, string>> = {
  empty: "the repository has no commits yet",
  shallow: "the history is cut off before the base: clone all of it (fetch-depth: 0, GIT_DEPTH: 0)",
  baseless: "the base is in no part of the history: fetch it",
}

const commits: Scanner = {
  ...base,
  tool: "gitleaks, commits",
  async prepare({ given }) {
    const { base: commit } = given.context
    if (!(await hasHistory(given.history))) throw new DidNotLook(null, "there is no git history")
    if (commit === null)
      throw new DidNotLook(null, `no base of the change is known: --run '{"base":"main"}' names it`)
    return {
      command: {
        container: given
          .image(base.image)
          .withUser("root")
          .withDirectory("/report", dag.directory())
          .withDirectory(HISTORY, given.history),
        steps: [
          { name: "history", run: rangeScript(HISTORY, commit, STATE), timeout: TIMEOUT },
          { name: "commits", run, timeout: TIMEOUT },
          { name: "report", run: `[ -e ${REPORT} ] || echo '[]' >${REPORT}`, timeout: TIMEOUT },
        ],
        reports: [STATE],
      },
      report: REPORT,
    }
  },
  read(text, ran, { given }) {
    const [word = ""] = (ran.reports[STATE] ?? "").trim().split(" ")
    if (word === "same") return { findings: [], what: "no commit beyond the base", version: null }
    const why = UNSEEN[word]
    if (why) throw new DidNotLook(inCi(given.context) && word !== "empty" ? "errored" : null, why)
    return readGitleaks(text, ran.log.text, HISTORY)
  },
}

export const SECRETS = { gitleaks: [tree, commits] } as const
