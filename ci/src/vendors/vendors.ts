import { inert } from "../formats/clean.js"
import type { RunContext } from "../run/context.js"
import { azure } from "./azure.js"
import { bitbucket } from "./bitbucket.js"
import { buildkite } from "./buildkite.js"
import { circleci } from "./circleci.js"
import { codebuild } from "./codebuild.js"
import { github } from "./github.js"
import { gitlab } from "./gitlab.js"
import { jenkins } from "./jenkins.js"
import { type Environment, type Format, lines, type Remark, type Source, type Vendor } from "./vendor.js"

/** All CI vendors. The first whose variable is set counts. */
const VENDORS: readonly Vendor[] = [github, gitlab, azure, circleci, buildkite, bitbucket, codebuild, jenkins]

/** Reads the run context from a CI vendor's environment; null without one, as on a laptop. */
export function contextOf(env: Environment): RunContext | null {
  const vendor = VENDORS.find(({ sign }) => env[sign])
  if (!vendor) return null
  const { fields } = vendor
  const read = (source: Source | undefined): string | null => {
    if (source === undefined) return null
    return (typeof source === "function" ? source(env) : env[source]) || null
  }
  return {
    vendor: vendor.name,
    commit: read(fields.commit),
    branch: read(fields.branch),
    tag: read(fields.tag),
    base: read(fields.base),
    change: read(fields.change),
    actor: read(fields.actor),
    url: read(fields.url),
    run: read(fields.run),
    attempt: Number(env[vendor.attempt ?? ""] || 1),
  }
}

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
