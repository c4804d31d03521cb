import { ANSWER_KEYS, type Answer, type EntryKey, readEntries } from "../config/entries.js"
import { selects } from "../formats/glob.js"
import { canonicalPurl, packageKey } from "../formats/purl.js"
import type { Finding } from "../run/result.js"

/** Somebody accepts a finding for a time. */
export interface Waiver extends Answer {
  /** The rule or any other name of it: `CVE-2024-1234`, `GHSA-…`, `slipway.eval`. */
  readonly id: string
  /** The package that it is for, as canonical package URL; all its versions where it names none. Null for any. */
  readonly package: string | null
  /** The files that it is for, as a glob pattern; null for any. */
  readonly path: string | null
  /** The scanner's own file that it is from; null for the file of waivers. */
  readonly file: string | null
  /** 1-based, in its file. */
  readonly line: number
}

/** Days that a waiver may run. */
const LONGEST = 180

const KEYS: Readonly<Record<string, EntryKey>> = {
  id: { required: true, expected: "the name of a rule or vulnerability" },
  package: { required: false, expected: 'a package URL such as "pkg:npm/lodash"' },
  path: { required: false, expected: "a glob pattern" },
  ...ANSWER_KEYS,
}

/** True where a waiver is for a finding, expired or not. */
export function waives(waiver: Waiver, { rule, file, vulnerability }: Finding): boolean {
  const names = [rule, ...(vulnerability?.aliases ?? [])]
  if (!names.includes(waiver.id)) return false
  if (waiver.path !== null && !(file !== null && selects(waiver.path, file))) return false
  if (waiver.package === null) return true
  if (!vulnerability) return false
  const { anyVersion, exact } = packageKey(vulnerability.package)
  return [anyVersion, exact].includes(packageKey(waiver.package).exact)
}

/**
 * Reads a file of waivers: a list under `waivers`.
 *
 * @param now milliseconds since the epoch: no waiver may run for more than 180 days from then.
 * @throws {Fault} `configuration`, with the line of the first thing that is wrong.
 */
export const readWaivers = (text: string, file: string, now: number): readonly Waiver[] =>
  readEntries({ text, file, top: "waivers", keys: KEYS, noun: "waiver", longest: LONGEST }, now).map(
    ({ text: word, required, answer, refuse, line }) => {
      const purl = word("package")
      const named = purl === null ? null : canonicalPurl(purl)
      if (purl !== null && named === null)
        refuse("package", `package: expected ${KEYS.package?.expected}, found "${purl}"`)
      return {
        id: required("id"),
        package: named,
        path: word("path"),
        ...answer(),
        file: null,
        line,
      }
    },
  )
