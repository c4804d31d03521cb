import { spawn } from "node:child_process"
import * as fs from "node:fs"
import * as http from "node:http"
import type { AddressInfo } from "node:net"
import { APP } from "./paths.js"

/** A call on a module with one function, as the engine would describe it. */
const TYPES = {
  name: "Warm",
  telemetry: false,
  objects: {
    Warm: {
      name: "Warm",
      isClass: true,
      properties: {},
      methods: {
        up: {
          name: "up",
          returnType: { kind: "STRING_KIND" },
          arguments: { on: { name: "on", type: { kind: "STRING_KIND" } } },
        },
      },
    },
  },
  enums: {},
  interfaces: {},
}
const MODULE = `import { dag } from "./sdk.mjs"
class Warm { up(on) { return dag.container().withExec(["true", on]).stdout() } }
export const modules = [{ Warm }]
`
const ANSWERS: readonly (readonly [RegExp, object])[] = [
  [
    /inputArgs/,
    {
      currentFunctionCall: {
        name: "up",
        parentName: "Warm",
        parent: "{}",
        inputArgs: [{ name: "on", value: '"x"' }],
      },
    },
  ],
  [/withExec/, { container: { withExec: { stdout: "x" } } }],
  [/returnValue/, { currentFunctionCall: { returnValue: null } }],
]

/**
 * Answers one call against a stand-in for the engine, so that V8's cache holds the functions that every call
 * runs: code that a process compiled is cached when it ends.
 */
export async function warmLibrary(): Promise<void> {
  fs.writeFileSync(`${APP}/types.json`, JSON.stringify(TYPES))
  fs.writeFileSync(`${APP}/module.mjs`, MODULE)
  const server = http.createServer((request, response) => {
    let body = ""
    request.on("data", (chunk) => (body += chunk))
    request.on("end", () => {
      const data = ANSWERS.find(([query]) => query.test(body))?.[1]
      response.setHeader("content-type", "application/json").end(JSON.stringify({ data }))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const { port } = server.address() as AddressInfo
  await ended([`${APP}/main.mjs`], {
    DAGGER_SESSION_PORT: String(port),
    DAGGER_SESSION_TOKEN: "warm",
    TRACEPARENT: "",
  })
  server.close()
  fs.rmSync(`${APP}/types.json`)
  fs.rmSync(`${APP}/module.mjs`)
}

/** Has V8 compile and cache the module's code without running any of it: that is for calls alone. */
export async function warmModule(): Promise<void> {
  fs.writeFileSync(`${APP}/warm.mjs`, `import "./warm-end.mjs"\nimport "./module.mjs"\n`)
  // Everything is compiled before the first module runs; this one ends the process.
  fs.writeFileSync(`${APP}/warm-end.mjs`, "process.exit()\n")
  fs.writeFileSync(
    `${APP}/warm-start.mjs`,
    `import { enableCompileCache } from "node:module"\nenableCompileCache("${APP}/cache")\nawait import("./warm.mjs")\n`,
  )
  await ended([`${APP}/warm-start.mjs`], {})
  for (const name of ["warm.mjs", "warm-end.mjs", "warm-start.mjs"]) fs.rmSync(`${APP}/${name}`)
}

/** The flags of a call: the cache knows code compiled under others as different. */
export const NODE_FLAGS = ["--no-deprecation", "--enable-source-maps"] as const

/** Runs Node to its end. A failure only leaves the cache empty: the call then says what is wrong. */
function ended(args: readonly string[], env: Readonly<Record<string, string>>): Promise<void> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [...NODE_FLAGS, ...args], {
      // The tools' own cache is elsewhere, and would take the place of the one that the entry names.
      env: { ...process.env, NODE_COMPILE_CACHE: undefined, ...env },
      stdio: "ignore",
      timeout: 20_000,
    })
    child.on("close", () => resolve())
    child.on("error", () => resolve())
  })
}
