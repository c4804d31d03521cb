import { lineColumn, readYaml } from "../config/yaml-position.js"
import { globMatcher } from "../formats/glob.js"
import { recordOf } from "../formats/json.js"
import { canonicalPurl, packageKey } from "../formats/purl.js"
import { Fault } from "../run/fault.js"
import type { Finding } from "../run/result.js"

/** Somebody accepts a finding for a time. */
export interface Waiver {
  /** The rule or any other name of it: `CVE-2024-1234`, `GHSA-…`, `slipway.eval`. */
  readonly id: string
  /** The package that it is for, as canonical package URL; all its versions where it names none. Null for any. */
  readonly package: string | null
  /** The files that it is for, as a glob pattern; null for any. */
  readonly path: string | null
  readonly owner: string
  readonly reason: string
  /** The last day that it holds, as `2026-12-31`. */
  readonly expires: string
  /** The scanner's own file that it is from; null for the file of waivers. */
  readonly file: string | null
  /** 1-based, in its file. */
  readonly line: number
}

const DAY = 86_400_000
/** Days that a waiver may run: who still needs it then looks at it again. */
const LONGEST = 180

const KEYS: Readonly<Record<string, { readonly required: boolean; readonly expected: string }>> = {
  id: { required: true, expected: "the name of a rule or vulnerability" },
  package: { required: false, expected: 'a package URL such as "pkg:npm/lodash"' },
  path: { required: false, expected: "a glob pattern" },
  owner: { required: true, expected: "who answers for it" },
  reason: { required: true, expected: "why it may stay" },
  expires: { required: true, expected: "a day such as 2026-12-31" },
}

/** True from the day after the last one, UTC. */
export const expired = ({ expires }: Waiver, now: number): boolean => now >= Date.parse(expires) + DAY

/** True where a waiver is for a finding, expired or not. */
export function waives(waiver: Waiver, { rule, file, vulnerability }: Finding): boolean {
  const names = [rule, ...(vulnerability?.aliases ?? [])]
  if (!names.includes(waiver.id)) return false
  if (waiver.path !== null && !(file !== null && isAt(waiver.path, file))) return false
  if (waiver.package === null) return true
  if (!vulnerability) return false
  const { anyVersion, exact } = packageKey(vulnerability.package)
  return [anyVersion, exact].includes(packageKey(waiver.package).exact)
}

/** As a pattern, `app/[id]/page.tsx` would not match the file of this name. */
const isAt = (path: string, file: string): boolean => file === path || globMatcher([path])(file)

/**
 * Reads a file of waivers: a list under `waivers`.
 *
 * @param now milliseconds since the epoch: no waiver may run for more than 180 days from then.
 * @throws {Fault} `configuration`, with the line of the first thing that is wrong.
 */
export function readWaivers(text: string, file: string, now: number): readonly Waiver[] {
  const yaml = readYaml(text)
  const refuse = (offset: number, what: string): never => {
    const fix = `correct ${file}: each waiver has id, owner, reason, expires, and may have package and path`
    throw new Fault("configuration", { what, where: `${file}:${lineColumn(text, offset)}`, fix })
  }
  const [problem] = yaml.problems
  if (problem) return refuse(problem.offset, problem.message)
  const top = recordOf(yaml.value)
  const other = Object.keys(top).find((key) => key !== "waivers")
  if (other !== undefined) refuse(yaml.locate([other], "key"), `unknown key "${other}". Known: waivers`)
  const entries = top.waivers ?? []
  if (!Array.isArray(entries)) return refuse(yaml.locate(["waivers"], "value"), "waivers: expected a list")
  return entries.map((entry: unknown, index) => {
    const path = ["waivers", index]
    const fields = recordOf(entry)
    const at = (key: string) => yaml.locate([...path, key], key in fields ? "value" : "key")
    for (const key of Object.keys(fields))
      if (!(key in KEYS))
        refuse(
          yaml.locate([...path, key], "key"),
          `unknown key "${key}". Known: ${Object.keys(KEYS).join(", ")}`,
        )
    const word = (key: string): string | null => {
      const value = fields[key] ?? null
      if (typeof value === "string" && value.trim() !== "") return value.trim()
      if (value === null && !KEYS[key]?.required) return null
      return refuse(at(key), `${key}: expected ${KEYS[key]?.expected}`)
    }
    const required = (key: string): string => word(key) ?? ""
    const purl = word("package")
    const named = purl === null ? null : canonicalPurl(purl)
    if (purl !== null && named === null)
      refuse(at("package"), `package: expected ${KEYS.package?.expected}, found "${purl}"`)
    const expires = required("expires")
    if (!isDay(expires)) refuse(at("expires"), `expires: "${expires}" is not a date. Write it as 2026-12-31`)
    if (Date.parse(expires) > now + LONGEST * DAY)
      refuse(at("expires"), `expires: ${expires} is more than ${LONGEST} days ahead`)
    return {
      id: required("id"),
      package: named,
      path: word("path"),
      owner: required("owner"),
      reason: required("reason"),
      expires,
      file: null,
      line: Number(lineColumn(text, yaml.locate(path, "value")).split(":")[0]),
    }
  })
}

/** False for `2026-02-30`. */
const isDay = (text: string): boolean =>
  /^\d{4}-\d{2}-\d{2}$/.test(text) &&
  !Number.isNaN(Date.parse(text)) &&
  new Date(text).toISOString().startsWith(text)
