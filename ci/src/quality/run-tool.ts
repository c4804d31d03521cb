import { settingsOf } from "../config/stage-settings.js"
import { type Given, type Ran, type StageResult, WORKDIR, withEnvironment } from "../run/stage.js"
import { npmTool } from "../tools/npm-tool.js"

/** A tool that Slipway brings, and how it looks at a project's files. */
export interface BroughtTool {
  readonly kind: "duplication" | "maintainability"
  /** A folder of this module with package.json and package-lock.json. */
  readonly source: string
  /** The package whose version is told. */
  readonly name: string
  /** Where the tool goes in the container. */
  readonly folder: string
  readonly run: string
  readonly reports: readonly string[]
  /** Seconds, where slipway.yaml does not say. */
  readonly timeout: number
}

/** Runs a tool on the files of a stage; `judge` makes the outcome of what it left and of its version. */
export async function runTool(
  given: Given,
  { kind, source, name, folder, run, reports, timeout: otherwise }: BroughtTool,
  judge: (given: Given, ran: Ran, version: string) => StageResult,
): Promise<StageResult> {
  const tool = await npmTool(given, source, name, folder)
  if (!tool.ready) return tool.result
  const { timeout, env } = settingsOf(given.project.config, kind)
  const ran = await given.command({
    container: withEnvironment(tool.container, env).withDirectory(WORKDIR, given.source).withWorkdir(WORKDIR),
    steps: [{ name: kind, run, timeout: timeout ?? otherwise }],
    reports,
  })
  return judge(given, ran, tool.version)
}
