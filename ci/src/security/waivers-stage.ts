import { expired, firstEnd } from "../config/entries.js"
import { plural } from "../formats/figures.js"
import { escapeGlob } from "../formats/glob.js"
import { errored } from "../run/explain.js"
import { NO_WORK } from "../run/outcome.js"
import type { Finding } from "../run/result.js"
import type { Given, StageKind, StageResult } from "../run/stage.js"
import { openVex } from "./openvex.js"
import { readWaivers, type Waiver, waives } from "./waivers.js"

const KIND = "waivers"

/**
 * Checks the file of waivers when the scans are over: what of it is wrong, expired or used by nothing.
 *
 * @param scans the kinds of stages whose findings are waived: only when all of them looked is a waiver unused.
 */
export function waivers(scans: readonly string[]): StageKind {
  return {
    kind: KIND,
    applies(project, others = []) {
      const file = project.config.security.waivers
      if (!file.includes("/") && !project.rootFiles.includes(file))
        return { applies: false, reason: `no ${file}` }
      const names = others.filter(({ kind }) => scans.includes(kind)).map(({ name }) => name)
      const stage = {
        name: "scan:waivers",
        kind: KIND,
        needs: [],
        after: ["scan"],
        because: file,
        inputs: { include: [escapeGlob(file)], exclude: [] },
        run: (given: Given) => check(given, file, names),
      }
      return { applies: true, stages: [stage] }
    },
  }
}

async function check(given: Given, file: string, scans: readonly string[]): Promise<StageResult> {
  const now = Date.now()
  if (!(await given.source.exists(file))) return errored("configuration", `${file} is not there`, "")
  // A broken one is thrown, and is the stage's error.
  const all = readWaivers(await given.source.file(file).contents(), file, now)
  const results = given.results("scan")
  const findings = [...results.values()].flatMap((result) => result.findings)
  const everything = scans.every((name) => {
    const looked = results.get(name)?.looked ?? []
    return looked.length > 0 && looked.every(({ verdict }) => verdict === "passed")
  })
  const lapsed = all.filter((waiver) => expired(waiver, now))
  const unused = everything
    ? all.filter((waiver) => !findings.some((finding) => waives(waiver, finding)))
    : []
  const named = [
    ...lapsed.map((waiver) => finding("waiver-expired", `expired on ${waiver.expires}`, waiver, file)),
    ...unused.map((waiver) => finding("waiver-unused", "is for nothing that was found", waiver, file)),
  ]
  const parts = [
    `${lapsed.length} expired`,
    everything ? `${unused.length} unused` : "not all scans looked, so none is called unused",
  ]
  return {
    verdict: "passed",
    cause: null,
    summary: `${plural(all.length, "waiver")}: ${parts.join(", ")}`,
    ...NO_WORK,
    findings: named,
    until: firstEnd(all, now),
    files: { "vex/openvex.json": openVex(given.project.name, findings, new Date(now).toISOString()) },
  }
}

const finding = (rule: string, why: string, waiver: Waiver, file: string): Finding => ({
  rule,
  severity: "low",
  message: `the waiver of ${waiver.owner} for ${waiver.id} ${why}: remove it or look at it again`,
  file,
  line: waiver.line,
  standing: { status: "reported", why: "it waives nothing any more" },
})
