import { type Container, type Directory, dag } from "@dagger.io/dagger"
import { parseJson, recordOf } from "../formats/json.js"
import { causeLine } from "../run/cause-line.js"
import { NODE } from "../run/images.js"
import { fromCommand } from "../run/outcome.js"
import type { Given, StageResult } from "../run/stage.js"

/** Returns a folder of this module's own source, by its path under `src`. */
export const ownFolder = (path: string): Directory => dag.currentModule().source().directory(`src/${path}`)

/** A tool that is installed, or the outcome of a stage whose tool could not be installed. */
export type Tool =
  | { readonly ready: true; readonly container: Container; readonly version: string }
  | { readonly ready: false; readonly result: StageResult }

/** Seconds for one try. */
const TIMEOUT = 300
const ATTEMPTS = 3

/**
 * Installs a tool that Slipway brings, on Node.js, apart from the project. Its lock file names every version, so the
 * engine does this once for each.
 *
 * @param source a folder of this module with package.json and package-lock.json: `quality/tools/knip`.
 * @param name the package whose version is recorded.
 * @param folder where the tool goes in the container.
 */
export async function npmTool(given: Given, source: string, name: string, folder: string): Promise<Tool> {
  const ran = await given.command({
    container: given
      .image(NODE)
      .withMountedCache("/root/.npm", dag.cacheVolume("slipway-npm"))
      .withDirectory(folder, ownFolder(source))
      .withWorkdir(folder),
    reports: [`${folder}/package.json`],
    steps: [
      {
        name: "install the tool",
        run: "npm ci --ignore-scripts --no-audit --no-fund --no-progress --fetch-timeout=60000 --fetch-retries=2",
        timeout: TIMEOUT,
        attempts: ATTEMPTS,
      },
    ],
  })
  if (ran.failed === null) {
    const { dependencies } = recordOf(parseJson(ran.reports[`${folder}/package.json`]))
    return { ready: true, container: ran.container, version: String(recordOf(dependencies)[name]) }
  }
  const outcome = fromCommand(ran, { passed: "", findings: [], tests: [] })
  const why = causeLine(ran.log.text) ?? outcome.summary
  const summary = `cannot install ${name} from npm: ${why}. Check the network, and the registry of npm`
  return { ready: false, result: { ...outcome, verdict: "errored", cause: "download", summary } }
}
