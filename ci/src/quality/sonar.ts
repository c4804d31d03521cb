import type { Container, File } from "@dagger.io/dagger"
import { settingsOf } from "../config/stage-settings.js"
import { cleanLog } from "../formats/clean.js"
import { parseJson, recordOf, recordsOf } from "../formats/json.js"
import { LOG_FILE } from "../run/command.js"

import { errored } from "../run/explain.js"
import { mustLook } from "../run/gate.js"
import type { Finding } from "../run/result.js"
import {
  type Given,
  type Ran,
  type StageKind,
  type StageResult,
  type Unread,
  WORKDIR,
  withEnvironment,
} from "../run/stage.js"
import { unreadByAll } from "../run/unread.js"
import { npmTool } from "../tools/npm-tool.js"
import { judged, lookedAt, noReport, standing } from "./looked.js"

const KIND = "sonar"
const TOOL = "/tools/sonar"
/** The server's answer about the conditions of the gate. */
const GATE = "/tmp/quality-gate.json"
const TIMEOUT = 1800
const LCOV = "/tmp/lcov.info"
/** Seconds that the server gets for its analysis. */
const GATE_TIMEOUT = 600

/** Sends the project to the SonarQube server that slipway.yaml names, and waits for its quality gate. */
export const sonar: StageKind = {
  kind: KIND,
  applies({ config }) {
    const server = config.quality.sonar
    if (server === null) return { applies: false, reason: "no server in `quality.sonar` of slipway.yaml" }
    const because = `${server.url}, project ${server.project}`
    const inputs = { include: ["**"], exclude: [] }
    return {
      applies: true,
      stages: [{ name: KIND, kind: KIND, needs: [], after: ["coverage"], because, inputs, run }],
    }
  },
}

async function run(given: Given): Promise<StageResult> {
  const token = given.secrets.sonarToken
  if (token === undefined) return noToken(given)
  const server = given.project.config.quality.sonar
  if (server === null) return errored("configuration", "no server in `quality.sonar` of slipway.yaml", "")
  const tool = await npmTool(given, "quality/tools/sonar", "@sonar/scan", TOOL)
  if (!tool.ready) return tool.result
  const { timeout, env } = settingsOf(given.project.config, KIND)
  const coverage = coverageFile(given)
  const source = tool.container.withDirectory(WORKDIR, given.source).withWorkdir(WORKDIR)
  const settings = [
    ["sonar.host.url", server.url],
    ["sonar.projectKey", server.project],
    ["sonar.qualitygate.wait", "true"],
    ["sonar.qualitygate.timeout", String(GATE_TIMEOUT)],
    ...(coverage === null ? [] : [["sonar.javascript.lcov.reportPaths", LCOV]]),
  ]
  const options = settings.map(([key, value]) => `-D${key}=${value}`)
  const scanner = `node ${TOOL}/node_modules/@sonar/scan/bin/sonar-scanner.js ${options.join(" ")}`
  const ran = await given.command({
    container: withEnvironment(withCoverage(source, coverage), env),
    steps: [
      {
        name: "scan",
        run: `${scanner}; code=$?; node ${TOOL}/gate.js ${server.url} ${server.project} >${GATE} 2>/dev/null; exit $code`,
        timeout: timeout ?? TIMEOUT,
      },
    ],
    reports: [GATE, LOG_FILE],
    secrets: { SONAR_TOKEN: token },
  })
  // The server's gate can change at any time.
  return { ...judge(ran, server.url, tool.version), until: 0 }
}

/** A laptop may have no token; a CI vendor's run without one has lost it. */
function noToken(given: Given): StageResult {
  const why = "no token for SonarQube. Pass `--sonar-token env://SONAR_TOKEN`"
  const outcome = errored("token", why, "")
  return mustLook(given) ? outcome : { ...outcome, verdict: "skipped", cause: null, summary: why }
}

/** Returns the merged coverage of the tests, or null. */
function coverageFile(given: Given) {
  for (const { files = {} } of given.results("coverage").values())
    for (const [path, file] of Object.entries(files)) if (/lcov/.test(path)) return file
  return null
}

function withCoverage(container: Container, coverage: string | File | null): Container {
  if (coverage === null) return container
  return typeof coverage === "string"
    ? container.withNewFile(LCOV, coverage)
    : container.withFile(LCOV, coverage)
}

const GATE_FAILED = /QUALITY GATE STATUS: FAILED/
const GATE_PASSED = /QUALITY GATE STATUS: PASSED/

/** What the scanner prints, and its meaning. */
const REFUSALS: readonly {
  readonly pattern: RegExp
  readonly cause: "token" | "errored"
  readonly why: string
}[] = [
  {
    pattern: /\b401\b|\b403\b|Not authorized|not authorized|HTTP status 40[13]/,
    cause: "token",
    why: "refuses the token: it is expired, or may not analyse this project",
  },
  {
    pattern:
      /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ECONNRESET|EHOSTUNREACH|SocketTimeout|ConnectException|UnknownHost/,
    cause: "errored",
    why: "is unreachable. Check `quality.sonar.url` in slipway.yaml, and the network of this machine",
  },
]

/** How a condition compares; SonarQube knows these two. */
const COMPARATORS: Readonly<Record<string, string>> = { LT: "less", GT: "more" }

/** Makes findings of the conditions of the gate that do not hold. */
function unmet(ran: Ran): readonly Finding[] {
  const { projectStatus } = recordOf(parseJson(ran.reports[GATE]))
  return recordsOf(recordOf(projectStatus).conditions)
    .filter(({ status }) => status === "ERROR")
    .map(({ metricKey, actualValue, comparator, errorThreshold }) => ({
      rule: `quality-gate/${String(metricKey)}`,
      severity: "high",
      message: `${String(metricKey).replaceAll("_", " ")} is ${String(actualValue)}, and ${COMPARATORS[String(comparator)] ?? String(comparator)} than ${String(errorThreshold)} fails`,
      file: null,
      line: null,
      tools: ["sonarqube"],
    }))
}

/**
 * How Sonar's analysers say that they skip a file: `Failed to parse file [a.ts] at line 3: …` (JavaScript, HTML),
 * `Unable to parse file: a.py` (Python, Go, Kotlin). The gate passes all the same.
 */
const SKIPS =
  /(?:Failed to parse|Failed to analyze|Unable to parse) file:? \[?([^\]\n]+?)\]?(?: at line (\d+))?(?:[:.] (.*))?$/gm

function unreadIn(log: string): readonly Unread[] {
  return [...cleanLog(log).matchAll(SKIPS)].map(([, file = "", line, reason = ""]) => ({
    file: file.replace(`${WORKDIR}/`, ""),
    line: line === undefined ? null : Number(line),
    reason: reason.trim() || "parsing error",
    tools: ["sonar-scanner"],
  }))
}

/** Returns the outcome by what the scanner prints: the gate's verdict, or why there is none. */
export function judge(ran: Ran, url: string, version: string): StageResult {
  const log = ran.log.text
  const looked = [lookedAt("sonar-scanner", version, `quality gate of ${url}`)]
  const unread = unreadByAll([{ unread: unreadIn(ran.reports[LOG_FILE] ?? log), reads: () => true }])
  if (ran.failed === null && GATE_PASSED.test(log))
    return judged(ran, { passed: true, summary: "the quality gate passed", findings: [], looked, unread })
  if (ran.failed !== null && GATE_FAILED.test(log)) {
    const more = /View details on (\S+)/.exec(log)?.[1]
    const summary = ["the quality gate failed", more].filter(Boolean).join(": ")
    const findings = standing(unmet(ran), true, "a condition of the quality gate")
    return judged(ran, { passed: false, summary, findings, looked, unread })
  }
  const refusal = ran.failed?.timedOut ? undefined : REFUSALS.find(({ pattern }) => pattern.test(log))
  const outcome = noReport(ran, "the scanner", "printed no quality gate")
  return refusal ? { ...outcome, cause: refusal.cause, summary: `${url} ${refusal.why}` } : outcome
}
