/**
 * `node build.mjs <module name> <subpath of its source>`: reads a module's types once and bundles its code once,
 * for all calls until its source changes.
 */
import * as fs from "node:fs"
import * as path from "node:path"
import { bundleModule, type Source, writeFailure } from "./bundle.js"
import { readManifest } from "./files.js"
import { introspect } from "./introspect.js"
import { APP, BUILT, LIBRARY, RUN, SCANNED } from "./paths.js"
import { forCalls } from "./scanned.js"
import { writeStockEntry } from "./stock.js"
import { warmModule } from "./warm.js"

const [name = "", subpath = "."] = process.argv.slice(2)
const source: Source = { folder: path.join(BUILT, subpath), run: path.join(RUN, subpath) }

fs.cpSync(`${LIBRARY}/app`, APP, { recursive: true })
fs.mkdirSync(`${APP}/overlay`)
const stock = readManifest(source.folder).slipway?.entry === "stock"
try {
  const bundled = stock ? writeStockEntry(source) : bundle()
  const types = await introspect(SCANNED, name)
  fs.writeFileSync(`${APP}/registration.json`, JSON.stringify(types))
  const { telemetry } = await bundled
  fs.writeFileSync(`${APP}/types.json`, JSON.stringify({ ...forCalls(types), telemetry }))
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
}

async function bundle(): Promise<{ telemetry: boolean }> {
  try {
    const bundled = await bundleModule(source)
    await warmModule()
    return bundled
  } catch (error) {
    await writeFailure(error)
    return { telemetry: false }
  }
}
