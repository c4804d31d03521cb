import type { Container } from "@dagger.io/dagger"
import * as z from "zod/mini"
import { cleanLog } from "../../formats/clean.js"
import { plural } from "../../formats/figures.js"
import { rangeScript } from "../../project/changes.js"
import { hasHistory, whyNoHistory } from "../../project/history.js"
import { inCi } from "../../run/context.js"
import type { Image } from "../../run/images.js"
import type { Finding } from "../../run/result.js"
import { type Ran, WORKDIR } from "../../run/stage.js"
import { REPORT, withReportFolder } from "../database.js"
import { inFile } from "../finding.js"
import { DidNotLook, maybe, type Read, readReport } from "../report.js"
import type { Scan, Scanner, Tool } from "../scanner.js"
import { certificatesIn, severityOf } from "./gitleaks-severity.js"

const TIMEOUT = 600
const STATE = "/report/history"
const HISTORY = "/history"

/** The project's own settings of gitleaks, which count in its files and in its commits. */
const SETTINGS = "/settings"
const [CONFIG, IGNORE] = [".gitleaks.toml", ".gitleaksignore"] as const
/** What gitleaks finds by its own rules, whatever the project accepts. */
const ALL = "/report/all.json"

const OPTIONS = "--report-format json --redact --exit-code 0 --no-banner --no-color"
const OWN_RULES = "GITLEAKS_CONFIG_TOML='extend = { useDefault = true }'"

/** A run as the project has it, and one that shows what it accepts by its settings and by comments. */
const twice = (command: string, config = ""): string =>
  [
    `gitleaks ${command} ${OPTIONS} --report-path ${REPORT} ${config}`,
    `${OWN_RULES} gitleaks ${command} ${OPTIONS} --report-path ${ALL} --ignore-gitleaks-allow`,
  ].join(" && ")

const container = ({ given }: Scan): Container =>
  withReportFolder(given.image(GITLEAKS).withUser("root")).withDirectory(
    SETTINGS,
    given.source.filter({ include: [CONFIG, IGNORE] }),
  )

/** What the project accepts, as the runs left it. */
const acceptedIn = ({ reports }: Ran): Accepting => ({
  all: reports[ALL] ?? "[]",
  ignore: reports[`${SETTINGS}/${IGNORE}`] ?? "",
})

/** Finds secrets in files and commits. */
export const GITLEAKS: Image = { name: "zricethezav/gitleaks", tag: "v8.30.1" }

const base = { image: GITLEAKS, maxAge: () => null } as const

const tree: Scanner = {
  ...base,
  tool: "gitleaks",
  prepare: async (scan) => ({
    command: {
      // Its file of what to ignore would hide findings: they are counted.
      container: container(scan)
        .withDirectory(WORKDIR, scan.given.source.filter({ exclude: [IGNORE] }))
        .withWorkdir(WORKDIR),
      steps: [{ name: "gitleaks", run: twice("dir ."), timeout: TIMEOUT }],
      reports: [ALL, `${SETTINGS}/${IGNORE}`],
    },
    report: REPORT,
  }),
  read: (text, ran, { files }) => readGitleaks(text, ran.log.text, acceptedIn(ran), files),
}

const run = [
  `read -r word base head <${STATE}`,
  '[ "$word" = range ] || exit 0',
  // Nothing to look at is no reason for gitleaks to look at all that there is.
  `[ "$base" != "$head" ] || { echo same >${STATE}; exit 0; }`,
  `git config --global --add safe.directory '*'`,
  `config=; [ -e ${SETTINGS}/${CONFIG} ] && config="--config ${SETTINGS}/${CONFIG}"`,
  twice(`git ${HISTORY} --log-opts="$base..$head"`, "$config"),
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
  async prepare(scan) {
    const { given } = scan
    const { base: commit } = given.context
    if (!(await hasHistory(given.history))) {
      // Without a base no commits would be looked at, however much history there is.
      const missing = inCi(given.context) && commit !== null
      throw new DidNotLook(missing ? "errored" : null, await whyNoHistory(given.history))
    }
    if (commit === null) throw new DidNotLook(null, `no base commit. Pass \`--run '{"base":"main"}'\``)
    return {
      command: {
        container: container(scan).withDirectory(HISTORY, given.history),
        steps: [
          { name: "history", run: rangeScript(HISTORY, commit, STATE), timeout: TIMEOUT },
          { name: "commits", run, timeout: TIMEOUT },
          { name: "report", run: `[ -e ${REPORT} ] || echo '[]' >${REPORT}`, timeout: TIMEOUT },
        ],
        reports: [STATE, ALL, `${SETTINGS}/${IGNORE}`],
      },
      report: REPORT,
    }
  },
  read(text, ran, { given }) {
    const [word = ""] = (ran.reports[STATE] ?? "").trim().split(" ")
    if (word === "same") return { findings: [], what: "no commit since the base", version: null }
    const why = UNSEEN[word]
    if (why) throw new DidNotLook(inCi(given.context) && word !== "empty" ? "errored" : null, why)
    const read = readGitleaks(text, ran.log.text, acceptedIn(ran), [])
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

type Leak = z.output<typeof report>[number]

/** What a project accepts: the report of a run without its settings, and its file of fingerprints. */
interface Accepting {
  readonly all: string
  readonly ignore: string
}

/** `src/a.ts:github-pat:3` */
const placeOf = ({ File, RuleID, StartLine }: Leak): string => `${File}:${RuleID}:${StartLine}`

/** Returns the places of a .gitleaksignore. One with a commit before it counts for the file as well. */
const ignoredPlaces = (text: string): ReadonlySet<string> =>
  new Set(
    text.split("\n").flatMap((line) => {
      const place = line
        .replace(/(?:^|\s)#.*$/, "")
        .trim()
        .replace(/^\.\//, "")
      return [place, place.replace(/^[0-9a-f]{7,40}:/, "")].filter(Boolean)
    }),
  )

/**
 * Reads a report of gitleaks, which has to be redacted: nothing of a secret may reach a report of ours. What the
 * project accepts is among the findings, as waived.
 *
 * @param log what it printed: the proof that it looked, and at how much.
 * @param files the files of the project. None for commits: a key that a change brings blocks wherever it lies.
 */
export function readGitleaks(
  text: string,
  log: string,
  { all, ignore }: Accepting,
  files: readonly string[],
): Read {
  const found = readReport(report, text)
  const said = cleanLog(log)
  const bytes = /scanned ~(\d+) bytes(?: \(([^)]+)\))?/.exec(said)
  const commits = /(\d+) commits scanned/.exec(said)
  if (!bytes || (Number(bytes[1]) === 0 && !commits))
    throw new DidNotLook("errored", "its log names no scanned file")
  const places = new Set(found.map((leak) => `${leak.Commit ?? ""}:${placeOf(leak)}`))
  const hidden = readReport(report, all).filter(
    (leak) => !places.has(`${leak.Commit ?? ""}:${placeOf(leak)}`),
  )
  const ignored = ignoredPlaces(ignore)
  const certificates = certificatesIn(files)
  const finding = (leak: Leak, by: string | null) => findingOf(leak, severityOf(leak, certificates), by)
  const findings = [
    ...found.map((leak) => finding(leak, ignored.has(placeOf(leak)) ? IGNORE : null)),
    ...hidden.map((leak) => finding(leak, `${CONFIG}, or a comment gitleaks:allow`)),
  ]
  const what = bytes[2] ?? `${bytes[1]} bytes`
  return {
    findings,
    what: commits ? `${plural(Number(commits[1]), "commit")}, ${what}` : what,
    version: null,
  }
}

/** @param by what accepts it, or null. */
function findingOf(leak: Leak, severity: Finding["severity"], by: string | null): Finding {
  const { RuleID, Description, StartLine, File, Match, Commit } = leak
  const where = Commit ? ` (in commit ${Commit.slice(0, 12)})` : ""
  return {
    ...inFile("gitleaks", {
      rule: RuleID,
      severity,
      message: `${Description}${where}`,
      file: File,
      line: StartLine,
    }),
    // The same in the tree and in a commit is one.
    fingerprint: `${RuleID}:${File}:${(Match ?? "").replace(/\s+/g, "")}`,
    ...(by === null ? {} : { standing: { status: "waived", why: `accepted in ${by}` } }),
  }
}

export const gitleaks: Tool = { name: "gitleaks", scans: { secrets: [tree, commits] } }
