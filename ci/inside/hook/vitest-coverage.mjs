// A provider of coverage for vitest, for projects without one of vitest's own.
import * as fs from "node:fs"
import { Session } from "node:inspector/promises"
import { createRequire } from "node:module"
import * as path from "node:path"
import { pathToFileURL } from "node:url"

const coverage = createRequire(import.meta.url)("./coverage.cjs")

const FOLDER = process.env.SLIPWAY_RUN
const RAW = path.join(FOLDER, "v8")

/** What a thread keeps: vitest loads this module more than once in each. */
const KEY = Symbol.for("slipway.coverage")
process[KEY] ??= { session: null }
const thread = process[KEY]

const INLINE = /\/\/[#@] sourceMappingURL=data:application\/json[^,\n]*;base64,([\w+/=]+)/g

function mapIn(text) {
  const [, data] = [...text.matchAll(INLINE)].at(-1) ?? []
  return data === undefined ? null : JSON.parse(Buffer.from(data, "base64").toString("utf8"))
}

async function begin() {
  if (thread.session !== null) return
  const session = new Session()
  session.connect()
  thread.session = session
  await session.post("Debugger.enable")
  await session.post("Debugger.setSkipAllPauses", { skip: true })
  await session.post("Profiler.enable")
  await session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true })
}

const fileUrl = (url) => (path.isAbsolute(url) ? pathToFileURL(url.split("?")[0]).href : url)

async function take() {
  const { session } = thread
  if (session === null) return
  const { result } = await session.post("Profiler.takePreciseCoverage")
  const maps = {}
  const own = []
  for (const script of result) {
    const url = fileUrl(script.url)
    if (!url.startsWith("file:") || url.includes("/node_modules/")) continue
    const { scriptSource } = await session.post("Debugger.getScriptSource", { scriptId: script.scriptId })
    const data = mapIn(scriptSource)
    if (data === null) continue
    maps[url] = { lineLengths: scriptSource.split("\n").map((line) => line.length), data }
    own.push({ ...script, url })
  }
  fs.mkdirSync(RAW, { recursive: true })
  const name = `${process.pid}-${process.hrtime.bigint()}.json`
  fs.writeFileSync(path.join(RAW, name), JSON.stringify({ result: own, "source-map-cache": maps }))
}

const provider = {
  name: "slipway",
  initialize(context) {
    this.root = JSON.parse(fs.readFileSync(new URL("./settings.json", import.meta.url), "utf8")).root
    this.options = { ...context.config.coverage, provider: "custom" }
  },
  resolveOptions() {
    return this.options
  },
  clean() {},
  onAfterSuiteRun() {},
  generateCoverage() {
    return {}
  },
  reportCoverage() {
    coverage.write(RAW, path.join(FOLDER, "coverage"), this.root)
  },
}

export default {
  getProvider: () => provider,
  startCoverage: begin,
  takeCoverage: take,
  stopCoverage() {
    thread.session?.disconnect()
    thread.session = null
  },
}
