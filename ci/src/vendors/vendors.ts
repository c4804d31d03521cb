import { inert } from "../formats/clean.js"
import { parseJson, recordOf } from "../formats/json.js"
import type { RunContext } from "../run/context.js"
import { azure } from "./azure.js"
import { bitbucket } from "./bitbucket.js"
import { buildkite } from "./buildkite.js"
import { circleci } from "./circleci.js"
import { codebuild } from "./codebuild.js"
import { github } from "./github.js"
import { gitlab } from "./gitlab.js"
import { jenkins } from "./jenkins.js"
import { OTHERS, UNKNOWN } from "./others.js"
import { type Environment, type Format, lines, type Remark, type Variables, type Vendor } from "./vendor.js"

/**
 * The CI vendors that get a wrapper. The first whose variable is set counts: an agent's vendor before the machine that it
 * runs on, as Jenkins, GitHub, GitLab and Buildkite have agents on CodeBuild.
 */
export const VENDORS: readonly Vendor[] = [
  github,
  gitlab,
  azure,
  circleci,
  buildkite,
  bitbucket,
  jenkins,
  codebuild,
]

/** The variables by which a run in CI tells itself from one on a laptop. */
export const SIGNS: readonly string[] = [...VENDORS, ...OTHERS, UNKNOWN].flatMap(({ signs }) => signs)

/** The words that stand for no value: Buildkite's `false`, and a macro that Azure has nothing for. */
const NOTHING = /^(?:false|null|\$\([\w.]+\))?$/

/** Leaves out variables without a value. */
const valuesOf = (env: Environment): Environment =>
  Object.fromEntries(Object.entries(env).filter(([, value]) => !NOTHING.test(value ?? "")))

const isSet = ({ signs }: Variables, env: Environment): boolean => signs.some((sign) => env[sign])

/** The checkout that a run is of. */
export interface Checkout {
  /** The full hash of its commit, or null without git. */
  readonly commit: string | null
  /** Its branch, or null where a commit alone is checked out. */
  readonly branch: string | null
  /** Reads a file of the machine; undefined if it is missing. */
  readonly read: (path: string) => string | undefined
}

/** Reads the run context from a CI vendor's environment; null without one, as on a laptop. */
export function contextOf(environment: Environment, checkout: Checkout): RunContext | null {
  const env = valuesOf(environment)
  const known = [...VENDORS, ...OTHERS].filter((one) => isSet(one, env))
  const [vendor = isSet(UNKNOWN, env) ? UNKNOWN : null, ...others] = known
  if (vendor === null) return null
  const payload = env[vendor.payload ?? ""]
  const host = {
    event: recordOf(payload === undefined ? null : parseJson(checkout.read(payload))),
    checkedOut: checkout.commit,
    branch: checkout.branch,
  }
  const read = (field: keyof typeof vendor.fields): string | null => {
    const source = vendor.fields[field]
    return (typeof source === "function" ? source(env, host) : env[source ?? ""]) || null
  }
  const commit = checkout.commit ?? hashOf(read("commit"))
  const head = hashOf(read("head"))
  return {
    vendor: vendor.name,
    repository: read("repository"),
    commit,
    head: head === commit ? null : head,
    branch: read("branch"),
    tag: read("tag"),
    base: read("base"),
    change: read("change"),
    event: read("event"),
    actor: read("actor"),
    url: addressOf(read("url")),
    run: read("run"),
    attempt: vendor.attempt?.(env) || 1,
    starters: [...new Set(vendor.starters.flatMap((name) => env[name] ?? []))],
    also: others.map(({ name }) => name),
  }
}

/** A full hash, by SHA-1 or SHA-256; null for a word such as `HEAD`. */
const hashOf = (text: string | null): string | null =>
  /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text ?? "") ? text : null

/** An address with everything encoded that must be; null for any other text. */
const addressOf = (text: string | null): string | null =>
  text !== null && URL.canParse(text) ? new URL(text).href : null

/** A diagnostic of reviewdog's rdjsonl: https://github.com/reviewdog/reviewdog/tree/master/proto/rdf */
const diagnostic = ({ level, source, rule, message, file, line }: Remark) => ({
  message,
  ...(file === null
    ? {}
    : { location: { path: file, ...(line === null ? {} : { range: { start: { line } } }) } }),
  severity: level.toUpperCase(),
  source: { name: source },
  code: { value: rule },
})

/** The form for laptops, and for vendors without one: JSON Lines. */
const PLAIN: Format = {
  path: "annotations.jsonl",
  write: (all) => lines(all.map((remark) => inert(JSON.stringify(diagnostic(remark))))),
}

/**
 * Writes the annotations for a vendor, as path → content. Texts of a run are escaped: none can become a command.
 */
export function annotations(vendor: string | null, remarks: readonly Remark[]): Record<string, string> {
  const { path, write } = VENDORS.find(({ name }) => name === vendor)?.annotations ?? PLAIN
  return { [path]: write(remarks) }
}
