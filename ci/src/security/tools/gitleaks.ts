import * as z from "zod/mini"
import { cleanLog } from "../../formats/clean.js"
import { plural } from "../../formats/figures.js"
import { rangeScript } from "../../project/changes.js"
import { hasHistory, whyNoHistory } from "../../project/history.js"
import { inCi } from "../../run/context.js"
import type { Image } from "../../run/images.js"
import { WORKDIR } from "../../run/stage.js"
import { REPORT, withReportFolder } from "../database.js"
import { inFile } from "../finding.js"
import { DidNotLook, maybe, type Read, readReport } from "../report.js"
import type { Scanner, Tool } from "../scanner.js"

const TIMEOUT = 600
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
      container: withReportFolder(given.image(GITLEAKS).withUser("root")).withDirectory(
        WORKDIR,
        given.source,
      ),
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

/** What is found in a commit has its name: see `ofChange`. */
const COMMITS = "gitleaks, commits"

const UNSEEN: Readonly<Record<string, string>> = {
  empty: "the repository has no commits yet",
  shallow: "the clone is shallow and lacks the base. Fetch the whole history (fetch-depth: 0, GIT_DEPTH: 0)",
  baseless: "the base is not in the history. Fetch it",
}

const commits: Scanner = {
  ...base,
  tool: COMMITS,
  async prepare({ given }) {
    const { base: commit } = given.context
    if (!(await hasHistory(given.history)))
      throw new DidNotLook(inCi(given.context) ? "errored" : null, await whyNoHistory(given.history))
    if (commit === null) throw new DidNotLook(null, `no base commit. Pass \`--run '{"base":"main"}'\``)
    return {
      command: {
        container: withReportFolder(given.image(GITLEAKS).withUser("root")).withDirectory(
          HISTORY,
          given.history,
        ),
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
    if (word === "same") return { findings: [], what: "no commit since the base", version: null }
    const why = UNSEEN[word]
    if (why) throw new DidNotLook(inCi(given.context) && word !== "empty" ? "errored" : null, why)
    const read = readGitleaks(text, ran.log.text, HISTORY)
    return { ...read, findings: read.findings.map((finding) => ({ ...finding, tools: [COMMITS] })) }
  },
}

const report = z.array(
  z.object({
    RuleID: z.string(),
    Description: z.string(),
    StartLine: z.number(),
    File: z.string(),
    Match: maybe(z.string()),
    Commit: maybe(z.string()),
  }),
)

/**
 * Reads a report of gitleaks, which has to be redacted: nothing of a secret may reach a report of ours.
 *
 * @param log what it printed: the proof that it looked, and at how much.
 * @param root where the files lie in the container; it is cut off paths.
 */
export function readGitleaks(text: string, log: string, root: string): Read {
  const found = readReport(report, text)
  const said = cleanLog(log)
  const bytes = /scanned ~(\d+) bytes(?: \(([^)]+)\))?/.exec(said)
  const commits = /(\d+) commits scanned/.exec(said)
  if (!bytes || (Number(bytes[1]) === 0 && !commits))
    throw new DidNotLook("errored", "its log names no scanned file")
  const findings = found.map(({ RuleID, Description, StartLine, File, Match, Commit }) => {
    const where = Commit ? ` (in commit ${Commit.slice(0, 12)})` : ""
    const file = File.startsWith(`${root}/`) ? File.slice(root.length + 1) : File
    return {
      ...inFile("gitleaks", {
        rule: RuleID,
        severity: "high",
        message: `${Description}${where}`,
        file,
        line: StartLine,
      }),
      // The same in the tree and in a commit is one.
      fingerprint: `${RuleID}:${file}:${(Match ?? "").replace(/\s+/g, "")}`,
    }
  })
  const what = bytes[2] ?? `${bytes[1]} bytes`
  return {
    findings,
    what: commits ? `${plural(Number(commits[1]), "commit")}, ${what}` : what,
    version: null,
  }
}

export const gitleaks: Tool = { name: "gitleaks", scans: { secrets: [tree, commits] } }
