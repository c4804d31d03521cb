import { settingsOf } from "../../config/stage-settings.js"
import { plural } from "../../formats/figures.js"
import { quote } from "../../run/command.js"
import { fromCommand } from "../../run/outcome.js"
import type { Given, Ran, StageKind, StageResult } from "../../run/stage.js"
import { npmTool } from "../../tools/npm-tool.js"
import type { App } from "../describe.js"
import { BROWSERS, FORWARD, LOCAL_ORIGIN, logFiles, lookAt, OWN_NODE, TOOLS } from "../running.js"
import { appStages } from "../stage.js"
import { type Ask, judgePages, type Seen } from "./pages.js"

const FOLDER = "/slipway-a11y"
const SEEN = "/slipway/seen.json"
const SHOTS = "/slipway/shots"

/** Seconds, where slipway.yaml does not say. */
const TIMEOUT = 300

/** Looks at the pages of the running app with axe. */
export const a11y: StageKind = {
  kind: "a11y",
  applies(project) {
    const { paths } = project.config.a11y
    if (paths.length === 0) return { applies: false, reason: "slipway.yaml names no page under a11y.paths" }
    return appStages(project, () => [
      {
        name: "test:a11y",
        kind: "a11y",
        because: `axe on ${paths.join(", ")} of the running app`,
        run: look,
      },
    ])
  },
}

async function look(given: Given, app: App): Promise<StageResult> {
  const tool = await npmTool(given, "app/a11y/tool", "axe-core", FOLDER)
  if (!tool.ready) return tool.result
  const { paths, impact } = given.project.config.a11y
  const ask: Ask = { origin: LOCAL_ORIGIN, paths }
  const command = `${OWN_NODE} ${TOOLS}/a11y.ts ${quote(JSON.stringify(ask))} ${SEEN} ${SHOTS}`
  const looked = await lookAt(given, app, {
    container: given
      .image(BROWSERS)
      .withDirectory(FOLDER, tool.container.directory(FOLDER))
      .withWorkdir(FOLDER),
    steps: [
      {
        name: "axe",
        run: `mkdir -p ${SHOTS}; ${FORWARD}${command}`,
        timeout: settingsOf(given.project.config, "a11y").timeout ?? TIMEOUT,
      },
    ],
    reports: [SEEN],
  })
  if (!looked.up) return looked.result
  const text = looked.ran.reports[SEEN]
  if (looked.ran.failed || text === undefined)
    return {
      ...notLooked(looked.ran),
      summary: "the browser could not look at the pages",
      files: logFiles("a11y", looked.logs),
    }
  return conclude(looked.ran, JSON.parse(text), impact)
}

const notLooked = (ran: Ran): StageResult => ({
  ...fromCommand(ran, { passed: "", findings: [], tests: [] }),
  verdict: "errored",
  cause: "errored",
})

function conclude(ran: Ran, { browser, axe, pages }: Seen, impact: string): StageResult {
  const findings = judgePages(pages, impact)
  const blocking = findings.filter(({ standing }) => standing?.status !== "reported")
  const kept = Math.min(...pages.map((page) => page.kept))
  const outcome: StageResult = {
    ...fromCommand(ran, { passed: `${plural(pages.length, "page")} in ${browser}`, findings, tests: [] }),
    looked: [
      {
        tool: "axe",
        version: axe,
        verdict: "passed",
        what: `${plural(pages.length, "page")}, at least ${plural(kept, "rule")} kept on each`,
        database: null,
      },
    ],
  }
  if (blocking.length === 0) return outcome
  const screenshots = pages.map(({ path }) => `${path.replace(/\W+/g, "-")}.png`)
  return {
    ...outcome,
    verdict: "failed",
    cause: "failed",
    summary: `${plural(blocking.length, "finding")} on ${plural(pages.length, "page")}`,
    files: Object.fromEntries(
      screenshots.map((name) => [`a11y/${name}`, ran.container.file(`${SHOTS}/${name}`)]),
    ),
  }
}
