import { firstEnd } from "../config/entries.js"
import { globMatcher } from "../formats/glob.js"
import { sarif } from "../formats/sarif.js"
import { changedAmong } from "../project/changes.js"
import { skipped } from "../run/outcome.js"
import type { Finding } from "../run/result.js"
import type { Given, Stage, StageResult, Unread } from "../run/stage.js"
import { unreadByAll } from "../run/unread.js"
import { VERSION } from "../run/version.js"
import { acceptedOf, knownOf, linesOf, waiversOf } from "./beside.js"
import { withFingerprints } from "./finding.js"
import { type Known, withKnown } from "./known.js"
import { isLock } from "./locks.js"
import { locksUnread } from "./locks-unread.js"
import { merge } from "./merge.js"
import { judge, unwaived } from "./policy.js"
import { type Looking, look, type Scan, type Scanner } from "./scanner.js"
import { taken } from "./taken.js"
import { withProjectsAlone } from "./tools/pnpm-lock.js"
import { conclude, logOf } from "./verdict.js"
import type { Waiver } from "./waivers.js"

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

/** What judges findings beside the policy. */
interface Grounds {
  readonly known: Known
  readonly waivers: readonly Waiver[]
  readonly now: number
}

/** Merges what scanners found, and judges it. */
async function judgedFindings(
  subject: Subject,
  { given, settings }: Scan,
  looking: readonly Looking[],
  { known, waivers, now }: Grounds,
): Promise<readonly Finding[]> {
  const found = looking.flatMap(({ findings }) => findings)
  const lines = await linesOf(given, found)
  const merged = merge(withFingerprints(withKnown(found, known), lines))
  const policy = { ...settings.policy, fixable: settings.policy.fixable && subject.fixes }
  const judged = judge(merged, { policy, waivers, base: given.base, now, ships: subject.ships ?? false })
  return subject.changeOnly ? ofChange(judged, given) : judged
}

/** Runs the scanners of a subject side by side and judges what they saw. */
export async function scan(subject: Subject, whole: Given): Promise<StageResult> {
  const settings = whole.project.config.security
  const now = Date.now()
  const all = (await whole.source.glob("**/*")).filter((path) => !path.endsWith("/"))
  const given = subject.ships ? { ...whole, source: await withProjectsAlone(whole.source, all) } : whole
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
  const findings = await judgedFindings(subject, one, looking, { known, waivers, now })
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
