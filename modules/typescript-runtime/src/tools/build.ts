/**
 * `node build.mjs <module name> <subpath of its source>`: reads a module's types once and bundles its code once,
 * for all calls until its source changes.
 */
import * as fs from "node:fs"
import * as path from "node:path"
import { scan } from "sdk:module/introspector/index.js"
import type { ModuleTypes } from "../description.js"
import { bundleModule, type Source, writeFailure } from "./bundle.js"
import { readManifest, sourceFiles } from "./files.js"
import { APP, BUILT, LIBRARY, RUN, SCANNED } from "./paths.js"
import { describe, forCalls } from "./scanned.js"
import { writeStockEntry } from "./stock.js"
import { warmModule } from "./warm.js"

const [name = "", subpath = "."] = process.argv.slice(2)
const source: Source = { folder: path.join(BUILT, subpath), run: path.join(RUN, subpath) }

fs.cpSync(`${LIBRARY}/app`, APP, { recursive: true })
fs.mkdirSync(`${APP}/overlay`)
const stock = readManifest(source.folder).slipway?.entry === "stock"
try {
  const bundled = stock ? writeStockEntry(source) : bundle()
  const types = await introspect()
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

/** Has the SDK read the types of `src` alone, with nothing else of the module in its sight. */
async function introspect(): Promise<ModuleTypes> {
  fs.cpSync(`${LIBRARY}/sdk`, `${SCANNED}/sdk`, { recursive: true })
  fs.mkdirSync(`${SCANNED}/node_modules/@dagger.io`, { recursive: true })
  fs.symlinkSync(`${SCANNED}/sdk`, `${SCANNED}/node_modules/@dagger.io/dagger`)
  process.chdir(SCANNED)
  return describe(await scan([...sourceFiles("src"), "sdk/client.gen.ts"], name, false))
}
