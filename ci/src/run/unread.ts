import { sha256 } from "../formats/canonical.js"
import { oneLine } from "../formats/clean.js"
import { changedAmong } from "../project/changes.js"
import type { Finding, RunRecord, Standing } from "./result.js"
import type { Given, StageResult, Unread } from "./stage.js"

/** The rule of a finding about a file that no tool of a stage read. */
const UNREAD_RULE = "unread-file"

/** Where an unread file stands to the change: part of it, as the base has it, or not known. */
export type Place = "changed" | "unchanged" | "unknown"

/** How an unread file counts, by its place. */
const STANDINGS: Readonly<Record<Place, Standing>> = {
  changed: { status: "blocks", why: "part of the change, and no tool read it" },
  unchanged: { status: "known", why: "the base has it as well" },
  unknown: { status: "reported", why: "no base to compare with" },
}

/** What one tool of a stage could not read, and which files it reads at all. */
export interface Reading {
  readonly unread: readonly Unread[]
  readonly reads: (file: string) => boolean
}

/** Returns the files that no tool read, once each with all the tools that tried: a file that another tool read is read. */
export function unreadByAll(readings: readonly Reading[]): readonly Unread[] {
  const all = readings.flatMap(({ unread }) => unread)
  const missed = readings.map(({ unread, reads }) => ({
    reads,
    files: new Set(unread.map(({ file }) => file)),
  }))
  const first = new Map(all.toReversed().map((one) => [one.file, one]))
  return [...first.values()]
    .filter(({ file }) => !missed.some(({ reads, files }) => reads(file) && !files.has(file)))
    .map((one) => ({
      ...one,
      tools: [...new Set(all.filter(({ file }) => file === one.file).flatMap(({ tools }) => tools))],
    }))
    .toSorted((a, b) => (a.file < b.file ? -1 : 1))
}

const MESSAGE = 300

/** Makes the finding of an unread file. Its fingerprint outlives moved lines. */
export function unreadFinding({ file, line, reason, tools }: Unread, place: Place): Finding {
  const message = oneLine(`not read by ${tools.join(", ")}: ${reason}`, MESSAGE)
  const what = [UNREAD_RULE, file, message.replace(/\d+/g, "")].join("\0")
  return {
    rule: UNREAD_RULE,
    kind: "unread",
    severity: "medium",
    message,
    file,
    line,
    tools,
    fingerprint: sha256(what).slice(0, 32),
    standing: STANDINGS[place],
  }
}

/**
 * Returns where unread files stand by the record of the base; null where it holds no look of that stage.
 *
 * @param stage the stage's name.
 */
export function placesInBase(
  base: RunRecord | null,
  stage: string,
  unread: readonly Unread[],
): readonly Place[] | null {
  const before = base?.stages.find(({ name }) => name === stage)
  const known = new Set(
    before?.findings.flatMap(({ kind, fingerprint }) => (kind === "unread" && fingerprint) || []),
  )
  const looked = before?.verdict === "passed" || before?.verdict === "failed" || known.size > 0
  if (!looked) return null
  return unread.map((one) =>
    known.has(unreadFinding(one, "unknown").fingerprint ?? "") ? "unchanged" : "changed",
  )
}

/** Returns where unread files stand: by the record of the base, else by git. */
async function placesOf(unread: readonly Unread[], stage: string, given: Given): Promise<readonly Place[]> {
  const known = placesInBase(given.base, stage, unread)
  if (known !== null) return known
  const files = unread.map(({ file }) => file)
  // Git that cannot be asked takes nothing from what the tools found.
  const changed = await changedAmong(given, files).catch(() => null)
  if (changed === null) return files.map(() => "unknown")
  return files.map((file) => (changed.has(file) ? "changed" : "unchanged"))
}

/** Makes findings of the files that no tool of a stage read, and decides how they count. */
export async function withUnreadFiles(
  result: StageResult,
  stage: string,
  given: Given,
): Promise<StageResult> {
  const { unread = [] } = result
  if (unread.length === 0) return result
  const places = await placesOf(unread, stage, given)
  return withUnread(
    result,
    unread.map((one, i) => unreadFinding(one, places[i] ?? "unknown")),
  )
}

/**
 * Adds the findings of unread files to a stage's result: its summary counts and names them, and it is `errored` where
 * one of them blocks and nothing worse was found.
 */
export function withUnread(result: StageResult, findings: readonly Finding[]): StageResult {
  if (findings.length === 0) return result
  const blocking = findings.filter(({ standing }) => standing?.status === "blocks")
  const all = { ...result, findings: [...result.findings, ...findings] }
  if (blocking.length === 0 || result.verdict === "failed")
    return { ...all, summary: `${result.summary}; ${unreadText(findings)}` }
  const rest = findings.length > blocking.length ? `; ${findings.length - blocking.length} more not read` : ""
  return {
    ...all,
    verdict: "errored",
    cause: result.cause ?? "errored",
    summary: `${unreadText(blocking)}${rest}; ${result.summary}`,
  }
}

const SHOWN = 3

/** `1 not read: src/broken.ts:3` */
function unreadText(findings: readonly Finding[]): string {
  const places = findings.map(({ file, line }) => (line === null ? file : `${file}:${line}`))
  const more = places.length > SHOWN ? `, and ${places.length - SHOWN} more` : ""
  return `${findings.length} not read: ${places.slice(0, SHOWN).join(", ")}${more}`
}
