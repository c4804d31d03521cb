import * as fs from "node:fs"
import * as path from "node:path"
import * as z from "zod/mini"
import { isRecord, parseJson } from "../../ci/src/formats/json.js"
import { VERSION } from "../../ci/src/run/version.js"
import { replaceFile } from "../folder.js"
import type { Fact } from "./facts.js"

/** The file in a folder of evidence that holds the facts which were read of it. No evidence has this name. */
export const INDEX = ".slipway-metrics"

/** An index of another format is not used. Raise its number when {@link Fact}, or what is read as one, changes. */
const FORMAT = `${VERSION}/1`

/** Facts with the size and the time of their files, by path. */
type Index = Readonly<Record<string, readonly [stamp: string, fact: Fact]>>

/**
 * Returns the facts of files. Files whose size and time are the same as before are not read again: an index in the folder
 * has their facts. A folder that cannot be written is read as a whole each time.
 *
 * @param files paths of files below `folder`.
 */
export async function factsOf(
  folder: string,
  files: readonly string[],
  read: (files: readonly string[]) => Promise<readonly Fact[]>,
): Promise<readonly Fact[]> {
  const index = path.join(folder, INDEX)
  const before = readIndex(index)
  const entries = files.map((file) => {
    const name = path.relative(folder, file)
    const stamp = stampOf(file)
    const [known, fact] = before[name] ?? []
    return { file, name, stamp, known: known === stamp && fact !== undefined ? { ...fact, file } : null }
  })
  const unknown = entries.flatMap(({ file, known }) => (known === null ? [file] : []))
  const found = new Map((await read(unknown)).map((fact) => [fact.file, fact]))
  const facts = entries.flatMap(({ file, name, stamp, known }) => {
    const fact = known ?? found.get(file)
    return fact === undefined ? [] : [{ name, stamp, fact }]
  })
  const readable = facts.filter(({ fact }) => fact.kind !== "unread")
  if (readable.some(({ fact }) => found.has(fact.file)))
    writeIndex(index, Object.fromEntries(readable.map(({ name, stamp, fact }) => [name, [stamp, fact]])))
  return facts.map(({ fact }) => fact)
}

function stampOf(file: string): string {
  const found = fs.statSync(file, { throwIfNoEntry: false })
  return found ? `${found.size} ${found.mtimeMs}` : ""
}

function readIndex(file: string): Index {
  const entry = z.tuple([z.string(), z.custom<Fact>(isRecord)])
  const schema = z.object({ format: z.literal(FORMAT), files: z.record(z.string(), entry) })
  try {
    return schema.parse(parseJson(fs.readFileSync(file, "utf8"))).files
  } catch {
    return {}
  }
}

function writeIndex(file: string, files: Index): void {
  try {
    replaceFile(file, JSON.stringify({ format: FORMAT, files }))
  } catch {
    // The next call reads all files again.
  }
}
