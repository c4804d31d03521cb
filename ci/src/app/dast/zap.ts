import { settingsOf } from "../../config/stage-settings.js"
import { plural } from "../../formats/figures.js"
import { type JsonRecord, parseJson, recordOf, recordsOf } from "../../formats/json.js"
import { parseImage } from "../../run/images.js"
import { fromCommand } from "../../run/outcome.js"
import type { Finding, Looked, Severity } from "../../run/result.js"
import type { Given, Ran, StageResult } from "../../run/stage.js"
import type { App } from "../describe.js"
import { logFiles, lookAt, ORIGIN } from "../running.js"
import { standingOf } from "./judge.js"

const WORK = "/zap/wrk"
const REPORT = `${WORK}/zap.json`
/** Seconds, where slipway.yaml does not say: ZAP itself takes a minute to start and look. */
const TIMEOUT = 900

/** ZAP's risk codes. */
const RISKS: Readonly<Record<string, Severity>> = { "3": "high", "2": "medium", "1": "low", "0": "info" }

/** Has ZAP spider the running app and judge what it answers, without attacking it (its baseline scan). */
export async function runZap(given: Given, app: App, image: string): Promise<StageResult> {
  const looked = await lookAt(given, app, {
    // Its own user may not write where the logs are kept.
    container: given.image(parseImage(image)).withUser("root").withNewFile(`${WORK}/readme`, ""),
    steps: [
      {
        name: "zap",
        // What it finds is judged here: it need not fail by it.
        run: `zap-baseline.py -t ${ORIGIN} -J zap.json -I`,
        timeout: settingsOf(given.project.config, "dast").timeout ?? TIMEOUT,
      },
    ],
    reports: [REPORT],
    scheme: "https",
  })
  if (!looked.up) return looked.result
  const result = judgeZap(looked.ran, given.project.config.dast.ignore)
  return result.verdict === "passed" ? result : { ...result, files: logFiles("dast-zap", looked.logs) }
}

/** The outcome by ZAP's report; a report that names no site has not looked. */
export function judgeZap(ran: Ran, ignored: readonly string[]): StageResult {
  const report = recordOf(parseJson(ran.reports[REPORT]))
  const sites = recordsOf(report.site)
  const findings = sites
    .flatMap(({ alerts }) => recordsOf(alerts).map(finding))
    .filter(({ rule }) => !ignored.includes(rule))
  const outcome: StageResult = {
    ...fromCommand(ran, { passed: "nothing that blocks", findings, tests: [] }),
    looked: [lookedAt(report, sites)],
  }
  if (ran.failed?.timedOut) return outcome
  if (sites.length === 0) {
    const summary = "ZAP left no report of a site: its log says why"
    return { ...outcome, verdict: "errored", cause: "errored", summary }
  }
  const blocking = findings.filter(({ standing }) => standing?.status === "blocks").length
  if (blocking > 0) {
    const summary = `${plural(blocking, "finding")} that block`
    return { ...outcome, verdict: "failed", cause: "failed", summary }
  }
  const summary = `${plural(findings.length, "finding")}, none that blocks`
  return { ...outcome, verdict: "passed", cause: null, summary }
}

/** What ZAP says of itself and of the sites that it saw. */
const lookedAt = (report: JsonRecord, sites: readonly JsonRecord[]): Looked => ({
  tool: "zap",
  version: typeof report["@version"] === "string" ? report["@version"] : null,
  verdict: sites.length > 0 ? "passed" : "errored",
  what: sites.map((site) => String(site["@name"])).join(", ") || "nothing",
  database: null,
})

function finding(alert: JsonRecord): Finding {
  const rule = `zap.${String(alert.alertRef ?? alert.pluginid)}`
  const severity = RISKS[String(alert.riskcode)] ?? "info"
  const places = recordsOf(alert.instances).map(({ method, uri }) => `${String(method)} ${path(String(uri))}`)
  const cwe = Number(alert.cweid) > 0 ? ` (CWE-${String(alert.cweid)})` : ""
  return {
    rule,
    severity,
    message: `${String(alert.name ?? alert.alert)}${cwe}: ${[...new Set(places)].slice(0, 5).join(", ")}`,
    file: null,
    line: null,
    fingerprint: `dast:${rule}`,
    tools: ["zap"],
    standing: standingOf(severity),
  }
}

const path = (uri: string): string => uri.replace(ORIGIN, "").replace(/\?.*/, "") || "/"
