import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { join, resolve } from "node:path"
import { setImmediate } from "node:timers/promises"
import { build } from "esbuild"
import { describe, expect, it } from "vitest"
import type { history } from "./model/history.ts"
import { REQUESTS } from "./model/requests.ts"
import { PLANTED, type Planted } from "./planted.ts"

const CORE = "modules/deploy/program/core"
/** A fault must show within so many histories. */
const MOST = Number(process.env.HISTORIES ?? 40_000)

/** Returns the histories with a fault in them. */
async function planted({ file, line, fault }: Planted): Promise<typeof history> {
  const path = resolve(CORE, file)
  const text = readFileSync(path, "utf8")
  expect(text.split(line)).toHaveLength(2)
  const { outputFiles } = await build({
    entryPoints: ["test/unit/deploy/model/history.ts"],
    bundle: true,
    write: false,
    platform: "node",
    format: "cjs",
    logLevel: "error",
    plugins: [
      {
        name: "fault",
        setup: ({ onLoad }) =>
          onLoad({ filter: new RegExp(`${join(CORE, file)}$`) }, () => ({
            contents: text.replace(line, () => fault),
            loader: "ts",
          })),
      },
    ],
  })
  const exported: { history?: typeof history } = {}
  const load = new Function("module", "require", outputFiles[0]?.text ?? "")
  const module = { exports: exported }
  load(module, createRequire(import.meta.url))
  if (module.exports.history === undefined) throw new Error("no histories")
  return module.exports.history
}

async function firstBroken(play: typeof history, matches: RegExp): Promise<string> {
  const others = new Set<string>()
  for (let seed = 1; seed <= MOST; seed += 1) {
    // Vitest's own messages must get through.
    if (seed % 200 === 0) await setImmediate()
    for (const what of play(seed, REQUESTS)) {
      if (matches.test(what)) return what
      others.add(what)
    }
  }
  return [...others].join("\n")
}

describe("the histories find a planted fault", () => {
  // Some are found in tens of thousands of histories only: minutes beside other tests.
  it.each(PLANTED)("$does", { timeout: 300_000 }, async (fault) => {
    expect(await firstBroken(await planted(fault), fault.found)).toMatch(fault.found)
  })
})
