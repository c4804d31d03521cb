/**
 * `node library.mjs`: everything that depends on the engine's schema alone, so that modules with the same
 * dependencies share it and an edit of their source leaves it be.
 */
import { execFileSync } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import { build } from "esbuild"
import { introspect } from "./introspect.js"
import { APP, CODEGEN, LIBRARY, LIBRARY_PARTS, SCHEMA } from "./paths.js"
import { warmLibrary } from "./warm.js"

const client = `${LIBRARY}/sdk/client.gen.ts`

fs.mkdirSync(`${LIBRARY}/sdk`, { recursive: true })
fs.mkdirSync(APP, { recursive: true })
generate()
for (const name of fs.readdirSync(`${LIBRARY_PARTS}/sdk`))
  fs.copyFileSync(`${LIBRARY_PARTS}/sdk/${name}`, `${LIBRARY}/sdk/${name}`)
for (const name of ["main.mjs", "telemetry.mjs"])
  fs.copyFileSync(`${LIBRARY_PARTS}/${name}`, `${APP}/${name}`)
await bundle()
await warmLibrary()
await introspect(sample(), "sample")
fs.cpSync(APP, `${LIBRARY}/app`, { recursive: true })

/** Writes the client for the schema. The module's name makes no difference to it. */
function generate(): void {
  const work = "/tmp/generated"
  fs.mkdirSync(work)
  const flags = ["--lang", "typescript", "--bundle", "--output", work, "--introspection-json-path", SCHEMA]
  const module = ["--module-name", "module", "--module-source-path", work]
  execFileSync(CODEGEN, ["generate-module", ...flags, ...module], {
    cwd: work,
    stdio: ["ignore", "ignore", "inherit"],
  })
  fs.copyFileSync(path.join(work, "sdk/src/api/client.gen.ts"), client)
}

/** One file of the client and the runtime, which know each other. */
async function bundle(): Promise<void> {
  await build({
    stdin: {
      // The client first: it is evaluated last then, after the runtime that its classes extend.
      contents: [client, `${LIBRARY_PARTS}/runtime.mjs`]
        .map((file) => `export * from ${JSON.stringify(file)}`)
        .join("\n"),
      resolveDir: LIBRARY,
    },
    outfile: `${APP}/sdk.mjs`,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node22",
    minifyWhitespace: true,
    minifySyntax: true,
    logLevel: "error",
    // Comments of the client are half of it.
    legalComments: "none",
    tsconfigRaw: { compilerOptions: { target: "ES2022" } },
    plugins: [
      {
        name: "client",
        setup({ onResolve }) {
          onResolve({ filter: /^\.\/core\.js$/ }, () => ({ path: `${LIBRARY_PARTS}/runtime.mjs` }))
          onResolve({ filter: /^module:client$/ }, () => ({ path: client }))
        },
      },
    ],
  })
}

/** A module to read, so that V8's cache holds TypeScript with what of it every module needs. */
function sample(): string {
  const folder = "/tmp/sample"
  fs.mkdirSync(`${folder}/src`, { recursive: true })
  fs.writeFileSync(
    `${folder}/src/index.ts`,
    `import { type Container, dag, func, object } from "@dagger.io/dagger"

/** A sample. */
@object()
export class Sample {
  /** A field. */
  @func()
  text = "text"

  constructor(text: string = "other") {
    this.text = text
  }

  /** A method. */
  @func()
  async box(words: string[], count?: number): Promise<Container> {
    return dag.container().withLabel(words.join(" "), String(count))
  }
}
`,
  )
  return folder
}
