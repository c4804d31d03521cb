import { readSarif } from "../formats/sarif-reader.js"
import type { Finding } from "../run/result.js"
import type { Given } from "../run/stage.js"
import { DidNotLook, type Read } from "./report.js"
import { type Looking, READ_NOTHING } from "./scanner.js"

/** Takes in the SARIF files of other tools that slipway.yaml names. Each is one look. */
export const taken = (given: Given, paths: readonly string[]): Promise<readonly Looking[]> =>
  Promise.all(paths.map((path) => takeIn(given, path)))

async function takeIn(given: Given, path: string): Promise<Looking> {
  const nothing = { ...READ_NOTHING, steps: [], log: { text: "", lines: 0 } }
  const looked = { tool: path, version: null, database: null }
  try {
    const read = readOther(await textOf(given, path))
    return {
      looked: { ...looked, verdict: "passed", what: read.what },
      cause: null,
      findings: read.findings,
      ...nothing,
    }
  } catch (error) {
    const what = error instanceof DidNotLook ? error.message : String(error)
    const findings: readonly Finding[] = []
    return { looked: { ...looked, verdict: "errored", what }, cause: "errored", findings, ...nothing }
  }
}

async function textOf(given: Given, path: string): Promise<string> {
  try {
    return await given.source.file(path).contents()
  } catch {
    throw new DidNotLook(
      "errored",
      "not found. Run the tool that writes it first, or remove it from `security.sarif`",
    )
  }
}

/** Takes in what another tool found. */
export function readOther(text: string): Read {
  try {
    const runs = readSarif(text)
    if (runs.length === 0) throw new Error("contains no run: no tool scanned anything")
    const findings = runs.flatMap((run) => run.findings)
    const tools = runs.map(({ tool, version }) => (version ? `${tool} ${version}` : tool)).join(", ")
    return { findings, what: `report of ${tools}`, version: null }
  } catch (error) {
    throw new DidNotLook("errored", error instanceof Error ? error.message : String(error))
  }
}
