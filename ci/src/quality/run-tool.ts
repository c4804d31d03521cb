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

/** Names of the minified files that were taken away from a tool, one a line. */
export const MINIFIED = "/tmp/minified"

/** Megabytes of memory for a tool on Node.js. */
export const MEMORY = 3072

/** A file of more than 2000 bytes with lines of more than 300 on average is minified. */
const AWK = `function end() { if (bytes > 2000 && bytes / lines > 300) print file }
FNR == 1 { if (file != "") end(); file = FILENAME; bytes = 0 }
{ bytes += length($0) + 1; lines = FNR }
END { if (file != "") end() }`

/** A shell command that takes minified files away from a tool: they cost it minutes, and nobody maintains them. */
export const LEAVE_OUT_MINIFIED = [
  `find . -type f -exec awk '${AWK}' {} + >${MINIFIED};`,
  `while IFS= read -r file; do rm -f "$file"; done <${MINIFIED};`,
].join(" ")

/** The number of lines of a report. */
export const linesOf = (report = ""): number => report.split("\n").filter(Boolean).length

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
