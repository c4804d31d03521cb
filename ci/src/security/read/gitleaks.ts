import * as z from "zod/mini"
import { cleanLog } from "../../formats/clean.js"
import { plural } from "../../formats/figures.js"
import { inFile } from "../finding.js"
import { DidNotLook, maybe, type Read, readReport } from "./report.js"

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
    throw new DidNotLook("errored", "it does not say that it looked at any file")
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
