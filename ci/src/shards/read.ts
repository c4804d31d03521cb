import type { Directory } from "@dagger.io/dagger"
import * as z from "zod/mini"
import { againstRecord, evidenceDigest, verifyAudit } from "../audit/verify.js"
import { sha256 } from "../formats/canonical.js"
import type { LineHits } from "../formats/coverage-reader.js"
import { parseJson } from "../formats/json.js"
import { Fault } from "../run/fault.js"
import { readRecord } from "../run/record.js"
import { hitsOf, linesOf, linesSchema } from "../run/stored.js"
import type { Damaged, Evidence } from "./merge.js"

/** The file of a shard's evidence that says which lines tests ran. */
export const LINES = "shard/lines.json"

/** Returns the contents of {@link LINES}. */
export const linesText = (lines: ReadonlyMap<string, LineHits>): string =>
  JSON.stringify(Object.fromEntries([...lines].map(([stage, hits]) => [stage, linesOf(hits)])))

/** The files that evidence is read from. */
export interface Texts {
  readonly record: string
  readonly audit: string
  readonly lines: string
}

/** Reads the evidence of shards below a folder. */
export async function readShards(folder: Directory): Promise<readonly (Evidence | Damaged)[]> {
  const files = new Set(await folder.glob("**"))
  const contents = async (path: string) => (files.has(path) ? folder.file(path).contents() : "")
  const places = [...files].filter((file) => /(?:^|\/)result\.json$/.test(file)).toSorted()
  return Promise.all(
    places.map(async (file) => {
      const below = file.slice(0, -"result.json".length)
      const [record, audit, lines] = await Promise.all([
        contents(file),
        contents(`${below}audit.jsonl`),
        contents(`${below}${LINES}`),
      ])
      return readEvidence(below.replace(/\/$/, "") || ".", { record, audit, lines })
    }),
  )
}

/** Reads the evidence of a shard, and verifies it by its audit log. */
export function readEvidence(place: string, { record: text, audit, lines }: Texts): Evidence | Damaged {
  const record = recordOf(text)
  if (typeof record === "string") return { place, problem: record }
  if (!record.shard) return { place, problem: "not the evidence of a shard" }
  const verified = verifyAudit(audit)
  const problem = verified.problems[0] ?? againstRecord(verified, record)
  if (problem) return { place, problem: `its audit log does not verify: ${problem}` }
  if (evidenceDigest(verified, LINES) !== `sha256:${sha256(lines)}`)
    return { place, problem: `${LINES} is missing, or was changed` }
  const read = z.record(z.string(), linesSchema()).safeParse(parseJson(lines), { jitless: true })
  if (!read.success) return { place, problem: `${LINES} cannot be read` }
  const hits = Object.entries(read.data).map(([stage, one]) => [stage, hitsOf(one)] as const)
  return { place, record, shard: record.shard, lines: new Map(hits) }
}

/** Returns a record, or why it cannot be read. */
function recordOf(text: string) {
  try {
    return readRecord(text, "--evidence")
  } catch (error) {
    if (error instanceof Fault) return error.what
    throw error
  }
}
