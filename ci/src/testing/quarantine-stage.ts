import type { Directory } from "@dagger.io/dagger"
import { expired, firstEnd } from "../config/entries.js"
import { plural } from "../formats/figures.js"
import { escapeGlob } from "../formats/glob.js"
import type { Project } from "../project/project.js"
import { NO_WORK } from "../run/outcome.js"
import type { Finding } from "../run/result.js"
import type { Given, StageKind, StageResult } from "../run/stage.js"
import { isFor, readQuarantine, type SetAside, setAside } from "./quarantine.js"

const KIND = "quarantine"
/** Kinds of stages that report single tests; a custom stage does if it has `junit`. */
const KINDS: readonly string[] = ["unit", "integration", "e2e", "custom"]

/** Returns the path of the project's quarantine file; null without one. */
const quarantineFile = ({ config, files }: Pick<Project, "config" | "files">): string | null =>
  files.includes(config.tests.quarantine) ? config.tests.quarantine : null

/** Checks the file of tests that are set aside, after the tests: reports entries that are expired, or for no test. */
export const quarantine: StageKind = {
  kind: KIND,
  applies(project, others = []) {
    const file = quarantineFile(project)
    if (file === null) return { applies: false, reason: `no ${project.config.tests.quarantine}` }
    const names = others.filter(({ kind }) => KINDS.includes(kind)).map(({ name }) => name)
    return {
      applies: true,
      stages: [
        {
          name: KIND,
          kind: KIND,
          needs: [],
          after: names,
          prepares: true,
          because: file,
          inputs: { include: [escapeGlob(file)], exclude: [] },
          run: async (given) =>
            check(given, file, names, await given.source.file(file).contents(), Date.now()),
        },
      ],
    }
  },
}

/**
 * Returns the function that applies the file of tests that are set aside to a stage's result.
 *
 * @throws {Fault} `configuration` for a file that cannot be used: before anything runs.
 */
export async function reviewOf(
  project: Pick<Project, "config" | "files">,
  source: Directory,
): Promise<(result: StageResult) => StageResult> {
  const file = quarantineFile(project)
  if (file === null) return (result) => result
  const now = Date.now()
  const entries = readQuarantine(await source.file(file).contents(), file, now)
  return (result) => setAside(result, entries, now)
}

/** @param names stages with tests. An entry for no test is only reported if all of them ran. */
export function check(
  given: Pick<Given, "results">,
  file: string,
  names: readonly string[],
  text: string,
  now: number,
): StageResult {
  const entries = readQuarantine(text, file, now)
  const results = names.map((name) => given.results(name).get(name))
  const tests = results.flatMap((result) => result?.tests ?? [])
  const all = results.every((result) => result !== undefined && (result.tests.length > 0 || !isRed(result)))
  const lapsed = entries.filter((entry) => expired(entry, now))
  const unused = all ? entries.filter((entry) => !tests.some((test) => isFor(entry, test))) : []
  const parts = [
    `${lapsed.length} expired`,
    all ? `${unused.length} for no test` : "not all tests ran, so none is said to be for no test",
  ]
  return {
    ...NO_WORK,
    verdict: "passed",
    cause: null,
    until: firstEnd(entries, now),
    summary: `${plural(entries.length, "test")} set aside: ${parts.join(", ")}`,
    findings: [
      ...lapsed.map((entry) =>
        finding("quarantine-expired", `expired on ${entry.expires}: it blocks`, entry, file),
      ),
      ...unused.map((entry) => finding("quarantine-unused", "is for no test", entry, file)),
    ],
  }
}

const isRed = ({ verdict }: StageResult): boolean => verdict === "failed" || verdict === "errored"

const finding = (rule: string, what: string, { test, owner, line }: SetAside, file: string): Finding => ({
  rule,
  severity: "low",
  message: `the entry of ${owner} for "${test}" ${what}. Remove it, or look at it again`,
  file,
  line,
  standing: { status: "reported", why: "it sets nothing aside any more" },
})
