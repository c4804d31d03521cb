import type { Directory } from "@dagger.io/dagger"
import { againstRecord, evidenceDigest, verifyAudit } from "../audit/verify.js"
import { sha256 } from "../formats/canonical.js"
import { Fault } from "../run/fault.js"
import { readRecord } from "../run/record.js"
import type { RunRecord } from "../run/result.js"

/** The folder of the evidence that has what `image check` found. */
export const PUSHED = "pushed"

/** Evidence whose audit log vouches for it. */
export interface Checked {
  readonly record: RunRecord
  /** SHA-256 of the result.json. */
  readonly digest: string
  /** Reads a file that a stage left. @throws {Fault} `attestation` if it is not the one that the log names. */
  readonly read: (path: string) => Promise<string>
}

/** The check's, and then that of `image check` where there is one. */
export type Evidence = readonly [check: Checked, ...pushed: readonly Checked[]]

/**
 * Reads the evidence of a check, and what lies in it of `image check`.
 *
 * @throws {Fault} `attestation` where it was changed since, `configuration` for a folder without evidence.
 */
export async function readEvidence(evidence: Directory): Promise<Evidence> {
  const own = await readChecked(evidence, "")
  const pushed = await evidence.exists(`${PUSHED}/result.json`)
  return pushed ? [own, await readChecked(evidence.directory(PUSHED), `${PUSHED}/`)] : [own]
}

async function readChecked(folder: Directory, place: string): Promise<Checked> {
  const text = await folder.file("result.json").contents()
  const record = readRecord(text, "--evidence")
  const log = (await folder.exists("audit.jsonl")) ? await folder.file("audit.jsonl").contents() : ""
  const verified = verifyAudit(log)
  const problem = verified.problems[0] ?? againstRecord(verified, record)
  if (problem !== null) throw changed(`${place}audit.jsonl`, problem)
  return {
    record,
    digest: sha256(text),
    read: async (path) => {
      const file = folder.file(path)
      const noted = evidenceDigest(verified, path)
      const content = (await folder.exists(path)) ? await file.contents() : null
      if (content === null) throw changed(`${place}${path}`, "the file is missing")
      const own = [
        `sha256:${sha256(content)}`,
        await file.digest({ excludeMetadata: true }).catch(() => null),
      ]
      if (noted === null || !own.includes(noted))
        throw changed(`${place}${path}`, "the audit log has another digest of it")
      return content
    },
  }
}

const changed = (where: string, problem: string): Fault =>
  new Fault("attestation", {
    what: `the evidence was changed: ${problem}`,
    where,
    fix: "sign with the evidence as the check left it: run the check again",
  })
