import type { File } from "@dagger.io/dagger"
import { settingsOf } from "../../config/stage-settings.js"
import { plural } from "../../formats/figures.js"
import { NODE } from "../../run/images.js"
import { fromCommand } from "../../run/outcome.js"
import type { Finding } from "../../run/result.js"
import type { Given, Ran, StageKind, StageResult } from "../../run/stage.js"
import type { App } from "../describe.js"
import { logFiles, lookAt, ORIGIN, OWN_NODE, TOOLS } from "../running.js"
import { appStages } from "../stage.js"
import type { Exchange, Plan, Request } from "./exchange.js"
import { judge, TOOL } from "./judge.js"
import { probes, survey } from "./requests.js"
import { runZap } from "./zap.js"

const ASK = "/slipway/ask.json"
const ANSWERS = "/slipway/answers.json"

/** Pages and scripts that are looked at beside those that slipway.yaml names. */
const FOLLOW = 100
/** Seconds, where slipway.yaml does not say. */
const TIMEOUT = 300

/** Probes the running app from outside: what its answers give away, and what wrong requests do to it. */
export const dast: StageKind = {
  kind: "dast",
  applies: (project) =>
    appStages(project, ({ services }) => {
      const app = services.map(({ name }) => name).join(", ")
      const { zap } = project.config.dast
      const probes = { name: "dast", kind: "dast", because: `the running app: ${app}`, run: probe }
      if (zap === null) return [probes]
      const run = (given: Given, app: App) => runZap(given, app, zap)
      return [probes, { name: "dast:zap", kind: "dast", because: `the running app: ${app}; ${zap}`, run }]
    }),
}

async function probe(given: Given, app: App): Promise<StageResult> {
  const { paths, ignore } = given.project.config.dast
  const surveyed = await exchange(given, app, survey(paths), FOLLOW)
  if (!surveyed.ok) return surveyed.result
  const probed = await exchange(given, app, probes(surveyed.exchanges), 0)
  if (!probed.ok) return probed.result
  const exchanges = [...surveyed.exchanges, ...probed.exchanges]
  const result = conclude(probed.ran, exchanges, judge(exchanges, ignore))
  const steps = [...surveyed.ran.steps, ...probed.ran.steps]
  return result.verdict === "passed"
    ? { ...result, steps }
    : {
        ...result,
        steps,
        files: logFiles("dast", probed.logs),
      }
}

type Answered =
  | {
      readonly ok: true
      readonly ran: Ran
      readonly logs: Readonly<Record<string, File>>
      readonly exchanges: readonly Exchange[]
    }
  | { readonly ok: false; readonly result: StageResult }

async function exchange(
  given: Given,
  app: App,
  requests: readonly Request[],
  follow: number,
): Promise<Answered> {
  const { timeout } = settingsOf(given.project.config, "dast")
  const plan: Plan = { origin: ORIGIN, requests, follow }
  const looked = await lookAt(given, app, {
    container: given.image(NODE).withNewFile(ASK, JSON.stringify(plan)),
    steps: [
      {
        name: "requests",
        run: `${OWN_NODE} ${TOOLS}/send.ts ${ASK} ${ANSWERS}`,
        timeout: timeout ?? TIMEOUT,
      },
    ],
    reports: [ANSWERS],
    // Behind a load balancer that visitors reach by HTTPS: what the app does for them, it is to do here.
    scheme: "https",
  })
  if (!looked.up) return { ok: false, result: looked.result }
  const { ran, logs } = looked
  const text = ran.reports[ANSWERS]
  if (ran.failed || text === undefined)
    return {
      ok: false,
      result: {
        ...fromCommand(ran, { passed: "", findings: [], tests: [] }),
        verdict: "errored",
        cause: "errored",
        summary: "the requests could not be sent",
      },
    }
  return { ok: true, ran, logs, exchanges: JSON.parse(text) }
}

/** A stage that sent nothing that could be answered has not looked. */
function conclude(ran: Ran, exchanges: readonly Exchange[], findings: readonly Finding[]): StageResult {
  const answered = exchanges.filter(({ status }) => status > 0)
  const blocking = findings.filter(({ standing }) => standing?.status === "blocks")
  const addresses = new Set(answered.map(({ path }) => path.replace(/\?.*/, "")))
  const what = `${plural(answered.length, "answer")} of ${plural(addresses.size, "path")}`
  const outcome: StageResult = {
    ...fromCommand(ran, { passed: `nothing found in ${what}`, findings, tests: [] }),
    looked: [
      {
        tool: TOOL,
        version: null,
        verdict: answered.length > 0 ? "passed" : "errored",
        what,
        database: null,
      },
    ],
  }
  if (answered.length === 0)
    return { ...outcome, verdict: "errored", cause: "errored", summary: "the app answered nothing" }
  if (blocking.length === 0) return outcome
  return {
    ...outcome,
    verdict: "failed",
    cause: "failed",
    summary: `${plural(blocking.length, "finding")} in ${what}`,
  }
}
