import { firstEnd } from "../config/entries.js"
import { globMatcher } from "../formats/glob.js"
import { sarif } from "../formats/sarif.js"
import { changedAmong } from "../project/changes.js"
import type { Cause } from "../run/causes.js"
import { blockingText, skipped } from "../run/outcome.js"
import type { Finding, StageOutcome, Verdict } from "../run/result.js"
import type { Given, Stage, StageResult, Unread } from "../run/stage.js"
import { unreadByAll } from "../run/unread.js"
import { VERSION } from "../run/version.js"
import { acceptedBy } from "./accepted.js"
import { withFingerprints } from "./finding.js"
import { NOTHING_KNOWN, readEpss, readKev, withKnown } from "./known.js"
import { isLock, namesPackages } from "./locks.js"
import { merge } from "./merge.js"
import { judge, unwaived } from "./policy.js"
import { type Looking, look, READ_NOTHING, type Scan, type Scanner } from "./scanner.js"
import { taken } from "./taken.js"
import { readWaivers, type Waiver } from "./waivers.js"

/** What is scanned in one stage. */
export interface Subject {
  readonly stage: Stage["name"]
  /** What the SARIF file is called, and its run: `dependencies`, `image-backend`. */
  readonly category: string
  readonly scanners: readonly Scanner[]
  /** Files of the stage that scanners look at, as glob patterns. */
  readonly looksAt: readonly string[]
  /** True where what has no fix need not block: of vulnerabilities, and not of licences. */
  readonly fixes: boolean
  /** True where a critical vulnerability that has a fix blocks under every policy: it is in what ships. */
  readonly ships?: boolean
  /** True where only findings of the change block. */
  readonly changeOnly?: boolean
  readonly image: (given: Given) => Promise<Scan["image"]>
}

/** Reports what would block and is not part of the change. Where no base is known, everything may be. */
async function ofChange(findings: readonly Finding[], given: Given): Promise<readonly Finding[]> {
  const { project, context } = given
  const older = ({ standing, tools }: Finding) =>
    standing?.status === "blocks" && !(tools ?? []).some((tool) => tool.endsWith("commits"))
  const files = findings.filter(older).flatMap(({ file }) => file ?? [])
  if (files.length === 0 || project.config.policy === "strict" || context.base === null) return findings
  const changed = await changedAmong(given, [...new Set(files)]).catch(() => null)
  if (changed === null) return findings
  return findings.map((finding) =>
    older(finding) && finding.file !== null && !changed.has(finding.file)
      ? { ...finding, standing: { status: "reported", why: "not part of the change" } }
      : finding,
  )
}

/** Runs the scanners of a subject side by side and judges what they saw. */
export async function scan(subject: Subject, given: Given): Promise<StageResult> {
  const settings = given.project.config.security
  const now = Date.now()
  const all = (await given.source.glob("**/*")).filter((path) => !path.endsWith("/"))
  const files = all.filter(globMatcher(subject.looksAt))
  if (subject.ships && !files.some(isLock))
    return skipped("no lock file, which names the versions that are installed")
  const one: Scan = { given, settings, files, image: await subject.image(given) }
  const [looks, others, known, waivers] = await Promise.all([
    Promise.all(subject.scanners.map((scanner) => look(scanner, one, now))),
    subject.category === "code" ? taken(given, settings.sarif) : [],
    knownOf(given, all),
    Promise.all([waiversOf(given, all, now), acceptedOf(given, all)]).then((both) => both.flat()),
  ])
  const unreadLocks = subject.ships ? await locksUnread(given, files, looks) : []
  const looking = [...looks, ...others, ...unreadLocks]
  const found = looking.flatMap(({ findings }) => findings)
  const lines = await linesOf(given, found)
  const merged = merge(withFingerprints(withKnown(found, known), lines))
  const policy = { ...settings.policy, fixable: settings.policy.fixable && subject.fixes }
  const judged = judge(merged, { policy, waivers, base: given.base, now, ships: subject.ships ?? false })
  const findings = subject.changeOnly ? await ofChange(judged, given) : judged
  const looked = looking.map((each) => each.looked)
  // Of what the stage is given beside what is scanned (a SARIF file), nobody asks whether a scanner could read it.
  const subjects = ({ file }: Unread) => files.includes(file) || !all.includes(file)
  const { accepted, unread } = unwaived(unreadByAll(looking).filter(subjects), waivers, now)
  const report = { category: subject.category, findings, unread, looked, version: VERSION }
  const broken = looking.filter(({ looked }) => looked.verdict === "errored")
  return {
    ...conclude(looking, [...findings, ...accepted]),
    conclude: (judged) => conclude(looking, judged),
    incomplete: unreadLocks.length > 0,
    unavailable: broken.length > 0 && broken.every(({ unavailable }) => unavailable),
    findings: [...findings, ...accepted],
    unread,
    until: until(subject.scanners, looks, waivers, settings, now),
    tests: [],
    steps: looking.flatMap((each) => each.steps),
    log: logOf(looking),
    looked,
    files: { [`sarif/${subject.category}.sarif`]: sarif(report) },
  }
}

/**
 * Returns when a scan's result expires: its database is too old, or a waiver ends. A database without a maximum age is a
 * service, whose next answer can differ.
 */
function until(
  scanners: readonly Scanner[],
  looks: readonly Looking[],
  waivers: readonly Waiver[],
  settings: Scan["settings"],
  now: number,
): number {
  const ages = looks.flatMap(({ looked: { database } }, i) => {
    const made = Date.parse(database?.updatedAt ?? "")
    const seconds = scanners[i]?.maxAge(settings) ?? 0
    return database ? [Number.isNaN(made) ? 0 : made + 1000 * seconds] : []
  })
  return Math.min(...ages, firstEnd(waivers, now))
}

/** Returns the verdict: blocking findings outrank scanners that did not look, and those outrank a clean result. */
export function conclude(
  looking: readonly Pick<Looking, "looked" | "cause">[],
  findings: readonly Finding[],
): Pick<StageOutcome, "verdict" | "cause" | "summary"> {
  const having = (status: string) => findings.filter(({ standing }) => standing?.status === status).length
  const blocking = having("blocks")
  const rest = (["reported", "known", "waived"] as const).flatMap((status) =>
    having(status) > 0 ? [`${having(status)} ${status}`] : [],
  )
  const judged = [blockingText(blocking), ...rest].join(", ")
  const says = (verdict: Verdict) =>
    looking
      .filter(({ looked }) => looked.verdict === verdict)
      .map(({ looked }) => `${looked.tool}: ${describe(looked)}`)
  const [saw, broken, left] = [says("passed"), says("errored"), says("skipped")]
  const at = [...saw, ...left].join("; ")
  if (blocking > 0)
    return { verdict: "failed", cause: "policy", summary: [judged, ...broken, at].filter(Boolean).join("; ") }
  const cause: Cause | undefined = looking.flatMap((each) => each.cause ?? [])[0]
  if (broken.length > 0)
    return {
      verdict: "errored",
      cause: cause ?? "errored",
      summary: [...broken, at, findings.length > 0 ? judged : ""].filter(Boolean).join("; "),
    }
  if (saw.length === 0)
    return { verdict: "skipped", cause: null, summary: left.join("; ") || "no scanner is configured" }
  return { verdict: "passed", cause: null, summary: `${saw.join("; ")}; ${[judged, ...left].join("; ")}` }
}

function describe({ what, database }: Looking["looked"]): string {
  const day = database?.updatedAt?.slice(0, 10)
  return day ? `${what}, database of ${day}` : what
}

function logOf(looking: readonly Looking[]): StageOutcome["log"] {
  const parts = looking.filter(({ log }) => log.text.trim() !== "")
  const text = parts.map(({ looked, log }) => `[${looked.tool}]\n${log.text.trimEnd()}\n`).join("")
  const lines = parts.reduce((sum, { log }) => sum + log.lines + 1, 0)
  return { text, lines }
}

async function knownOf(given: Given, files: readonly string[]) {
  const { epss, kev } = given.project.config.security
  const read = (path: string) => given.source.file(path).contents()
  return {
    epss: epss !== null && files.includes(epss) ? readEpss(await read(epss), epss) : NOTHING_KNOWN.epss,
    kev: kev !== null && files.includes(kev) ? readKev(await read(kev), kev) : NOTHING_KNOWN.kev,
  }
}

/** None where the file is broken, which a stage of its own says: nothing is then waived. */
async function waiversOf(given: Given, files: readonly string[], now: number): Promise<readonly Waiver[]> {
  const path = given.project.config.security.waivers
  if (!files.includes(path)) return []
  try {
    return readWaivers(await given.source.file(path).contents(), path, now)
  } catch {
    return []
  }
}

/** The lock files that name packages and that none of the scanners that looked has read, as a look that was not taken. */
async function locksUnread(
  given: Given,
  files: readonly string[],
  looks: readonly Looking[],
): Promise<readonly Looking[]> {
  const looked = looks.filter(({ looked }) => looked.verdict === "passed")
  const left = files.filter((file) => isLock(file) && !looked.some(({ reads }) => reads(file)))
  if (looked.length === 0 || left.length === 0) return []
  const named = await Promise.all(
    left.map(async (file) =>
      namesPackages(
        file,
        await given.source
          .file(file)
          .contents()
          .catch(() => ""),
      )
        ? [file]
        : [],
    ),
  )
  const unread = named.flat()
  if (unread.length === 0) return []
  const tools = looked.map(({ looked }) => looked.tool).join(", ")
  const what = `${unread.join(", ")} not read by ${tools}. Add another scanner under \`security.scanners.dependencies\` in slipway.yaml`
  return [
    {
      looked: { tool: "lock files", version: null, verdict: "errored", what, database: null },
      ...{ cause: "errored", findings: [], ...READ_NOTHING, steps: [], log: { text: "", lines: 0 } },
    },
  ]
}

/** Reads what the scanners' own files accept. */
async function acceptedOf(given: Given, files: readonly string[]): Promise<readonly Waiver[]> {
  const read = async (file: string) => acceptedBy(file)?.(await given.source.file(file).contents()) ?? []
  return (await Promise.all(files.filter((file) => acceptedBy(file) !== null).map(read))).flat()
}

/** Reads the lines that findings are at, for their fingerprints. */
async function linesOf(
  given: Given,
  findings: readonly Finding[],
): Promise<(finding: Finding) => string | null> {
  const wanted = findings.filter((one) => !one.fingerprint && !one.vulnerability && one.line !== null)
  const files = [...new Set(wanted.flatMap(({ file }) => file ?? []))]
  const read = async (file: string): Promise<[string, readonly string[]]> => {
    try {
      return [file, (await given.source.file(file).contents()).split("\n")]
    } catch {
      return [file, []]
    }
  }
  const lines = new Map(await Promise.all(files.map(read)))
  return ({ file, line }) => (file === null || line === null ? null : (lines.get(file)?.[line - 1] ?? null))
}
