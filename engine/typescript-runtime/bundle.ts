import * as fs from "node:fs"
import * as path from "node:path"
import { type BuildOptions, build, type Plugin } from "esbuild"

/** Where the SDK's own programs come from and go. */
export interface RuntimeBundle {
  /** The folder `engine/typescript-runtime`. */
  readonly runtimeDir: string
  /** The node_modules with the packages that its lock file pins. */
  readonly modules: string
  /** Where `tools` and `lib` go: `/sdk` of the root filesystem. */
  readonly out: string
}

const TOOLS = ["library", "build", "register", "generate", "install"] as const

/** CommonJS packages within a bundle of ES modules ask for Node's own modules with `require`. */
const REQUIRE = `import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);`

/** Returns the path of a source file of the runtime. */
type Source = (name: string) => string

/**
 * Bundles the SDK: its tools, and the library that is finished with a client once a schema is known. The npm
 * SDK's own dispatch is bundled in; only what talks to the engine is replaced by something that starts faster.
 */
export async function bundleRuntime({ runtimeDir, modules, out }: RuntimeBundle): Promise<void> {
  const source: Source = (name) => path.join(runtimeDir, "src", name)
  const sdk = path.join(modules, "@dagger.io/dagger/dist/src")
  const file = (name: string) => path.join(out, "lib", name)
  const bundles: readonly BuildOptions[] = [
    { ...tools(source, sdk), outdir: path.join(out, "tools") },
    { ...runtime(source, sdk), outfile: file("runtime.mjs") },
    { ...telemetry(source, sdk), outfile: file("telemetry.mjs") },
    { entryPoints: [source("main.ts")], plugins: [lastNames], outfile: file("main.mjs") },
    { ...wholeSdk(sdk), outfile: file("sdk/core.js") },
  ]
  await Promise.all(bundles.map((one) => build({ ...COMMON, nodePaths: [modules], ...one })))
  for (const name of ["index.ts", "telemetry.ts", "core.d.ts"])
    fs.copyFileSync(path.join(runtimeDir, "library", name), file(`sdk/${name}`))
}

const COMMON: BuildOptions = {
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node22",
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: "none",
  logLevel: "error",
  tsconfigRaw: { compilerOptions: { target: "ES2022" } },
}

const tools = (source: Source, sdk: string): BuildOptions => ({
  entryPoints: Object.fromEntries(TOOLS.map((name) => [name, source(`tools/${name}.ts`)])),
  outExtension: { ".js": ".mjs" },
  external: ["esbuild", "typescript"],
  // A stack trace of these is read by people.
  minifyWhitespace: false,
  banner: { js: REQUIRE },
  plugins: [
    behindExports(sdk),
    withoutProvisioning,
    replacing(sdk, {
      "graphql-request": source("runtime/graphql-request.ts"),
      typescript: source("tools/typescript.ts"),
    }),
  ],
})

const runtime = (source: Source, sdk: string): BuildOptions => ({
  entryPoints: [source("runtime/index.ts")],
  plugins: [
    lastNames,
    replacing(sdk, {
      "graphql-request": source("runtime/graphql-request.ts"),
      "@opentelemetry/api": source("runtime/trace.ts"),
      "telemetry/telemetry.js": source("runtime/trace.ts"),
      "common/graphql/client.js": source("runtime/client.ts"),
      "introspector/dagger_module/index.js": source("runtime/types.ts"),
    }),
    behindExports(sdk),
    withoutProvisioning,
  ],
})

const telemetry = (source: Source, sdk: string): BuildOptions => ({
  entryPoints: [source("runtime/telemetry.ts")],
  banner: { js: REQUIRE },
  plugins: [
    lastNames,
    replacing(sdk, { "@opentelemetry/sdk-node": source("runtime/node-sdk.ts") }),
    behindExports(sdk),
  ],
})

/** For the generated folder of editors and for the stock entry. */
const wholeSdk = (sdk: string): BuildOptions => ({
  entryPoints: [path.join(sdk, "index.js")],
  alias: { typescript: "/sdk/node_modules/typescript/lib/typescript.js" },
  external: ["/sdk/node_modules/*"],
  banner: { js: REQUIRE },
  plugins: [withoutProvisioning],
})

/** `sdk:` is the npm SDK's folder, which its package does not export. */
function behindExports(sdk: string): Plugin {
  return {
    name: "behind-exports",
    setup({ onResolve }) {
      onResolve({ filter: /^sdk:/ }, ({ path: wanted }) => ({
        path: path.join(sdk, wanted.slice("sdk:".length)),
      }))
    },
  }
}

/** Names that stand for files made later: the client of a schema, a module's code. */
const lastNames: Plugin = {
  name: "last-names",
  setup({ onResolve }) {
    onResolve({ filter: /api\/client\.gen\.js$/ }, () => ({ path: "module:client", external: true }))
    onResolve({ filter: /^runtime:/ }, ({ path: wanted }) => ({
      path: `./${wanted.slice("runtime:".length)}.mjs`,
      external: true,
    }))
  },
}

/** Replaces packages and files where the SDK imports them, by their names or the ends of their paths. */
function replacing(sdk: string, replacements: Readonly<Record<string, string>>): Plugin {
  return {
    name: "replacing",
    setup({ onResolve }) {
      onResolve({ filter: /.*/ }, ({ path: wanted, importer, resolveDir }) => {
        if (!importer.startsWith(sdk)) return null
        const full = wanted.startsWith(".") ? path.resolve(resolveDir, wanted) : wanted
        const found = Object.entries(replacements).find(
          ([name]) => full === name || full.endsWith(`/${name}`),
        )
        return found ? { path: found[1] } : null
      })
    },
  }
}

/** Starting an engine from within a call is nothing that a module does; the code for it is large. */
const withoutProvisioning: Plugin = {
  name: "without-provisioning",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /provisioning\/index\.js$/ }, () => ({ path: "provisioning", namespace: "left-out" }))
    onLoad({ filter: /.*/, namespace: "left-out" }, () => ({
      contents: `export function withEngineSession() { throw new Error("there is no Dagger session here") }`,
    }))
  },
}
