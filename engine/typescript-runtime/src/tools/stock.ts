import * as fs from "node:fs"
import * as path from "node:path"
import type { Source } from "./bundle.js"
import { configuration, manifest } from "./configuration.js"
import { APP, LIBRARY, NODE_MODULES } from "./paths.js"
import { NODE_FLAGS } from "./warm.js"

const ENTRY = "__dagger.entrypoint.ts"

/** The stock way to start a call: the SDK's `entrypoint` over all source files and the client, run by tsx. */
const CONTENTS = `import { readdirSync, statSync } from "node:fs"
import { extname, join } from "node:path"
import { entrypoint } from "@dagger.io/dagger"

const files = (folder: string): string[] =>
  readdirSync(folder).reduce<string[]>((before, name) => {
    const file = join(folder, name)
    if (statSync(file).isDirectory()) return [...files(file), ...before]
    return [".ts", ".mts"].includes(extname(file)) ? [file, ...before] : before
  }, [])

entrypoint([...files(import.meta.dirname), join(import.meta.dirname, "../sdk/client.gen.ts")])
`

/** Writes an entry that runs the module as the stock SDK does, for a module that asks for it. */
export async function writeStockEntry(source: Source): Promise<{ telemetry: boolean }> {
  const overlay = `${APP}/overlay`
  fs.mkdirSync(`${overlay}/src`, { recursive: true })
  fs.writeFileSync(`${overlay}/src/${ENTRY}`, CONTENTS)
  fs.cpSync(`${LIBRARY}/sdk`, `${overlay}/sdk`, { recursive: true })
  fs.writeFileSync(`${overlay}/tsconfig.json`, JSON.stringify(configuration(source.folder)))
  fs.writeFileSync(`${overlay}/package.json`, JSON.stringify(manifest(source.folder)))
  fs.writeFileSync(`${APP}/main.mjs`, started(source))
  return { telemetry: false }
}

function started({ run }: Source): string {
  const tsx = `${NODE_MODULES}/tsx/dist/cli.mjs`
  const args = [
    tsx,
    ...NODE_FLAGS,
    "--tsconfig",
    path.join(run, "tsconfig.json"),
    path.join(run, "src", ENTRY),
  ]
  return `import { spawnSync } from "node:child_process"
const { status, signal } = spawnSync(process.execPath, ${JSON.stringify(args)}, { stdio: "inherit" })
if (signal) process.kill(process.pid, signal)
process.exit(status ?? 1)
`
}
