import * as fs from "node:fs"
import * as path from "node:path"
import { pathToFileURL } from "node:url"
import { type BuildFailure, build, formatMessages, type Plugin } from "esbuild"
import { DEFAULT_OPTIONS } from "./configuration.js"
import { sourceFiles } from "./files.js"
import { needsItsFolder, topPackage, withDependencies } from "./packages.js"
import { APP } from "./paths.js"

/** What was made of a module's code. */
export interface Bundled {
  /** True when the code makes spans, or holds the API to make them with. */
  readonly telemetry: boolean
  /** The packages that a call loads from their own folders. */
  readonly outside: readonly string[]
}

/** A module's source folder as the build sees it, and as its code is told in a call. */
export interface Source {
  readonly folder: string
  readonly run: string
}

/** Bundles all of a module's source files, as the stock SDK loads all of them, with what packages they use. */
export async function bundleModule(source: Source): Promise<Bundled> {
  const modules = path.join(source.folder, "node_modules")
  let outside: ReadonlySet<string> = new Set()
  for (;;) {
    const found = await attempt(source, modules, outside)
    const more = [...found.suspects].filter((name) => !outside.has(name))
    if (more.length === 0) {
      if (outside.size > 0) fs.symlinkSync(path.join(source.run, "node_modules"), `${APP}/node_modules`)
      return { telemetry: found.telemetry, outside: [...outside].sort() }
    }
    outside = withDependencies(modules, [...outside, ...more])
  }
}

/** A module's code that fails to load in a call, for the reason that bundling it failed: its types still count. */
export async function writeFailure(error: unknown): Promise<void> {
  const errors = (error as BuildFailure).errors ?? [
    { text: error instanceof Error ? error.message : String(error) },
  ]
  const texts = await formatMessages(errors, { kind: "error" })
  fs.writeFileSync(`${APP}/module.mjs`, `throw new Error(${JSON.stringify(texts.join("\n").trim())})\n`)
}

async function attempt(source: Source, modules: string, outside: ReadonlySet<string>) {
  const suspects = new Set<string>()
  const state = { telemetry: false }
  const files = sourceFiles(path.join(source.folder, "src"))
  await build({
    stdin: { contents: entry(files), resolveDir: source.folder, loader: "ts" },
    outfile: `${APP}/module.mjs`,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node22",
    sourcemap: "linked",
    sourcesContent: false,
    minifyWhitespace: true,
    // Classes are found, and objects printed, by their names.
    keepNames: true,
    logLevel: "silent",
    legalComments: "none",
    tsconfig: compilerOptions(source.folder),
    banner: { js: requireAt(path.join(source.run, "src/index.ts")) },
    define: {
      "import.meta.url": "__url",
      "import.meta.dirname": "__folder",
      "import.meta.filename": "__file",
    },
    plugins: [library(source, state), packages(modules, outside, suspects), locations(source)],
  })
  return { suspects, ...state, ...relocated(source) }
}

function entry(files: readonly string[]): string {
  const imports = files.map((file, i) => `import * as m${i} from ${JSON.stringify(file)}`)
  return `${imports.join("\n")}
import * as client from "@dagger.io/dagger"
export const modules = [${[...files.map((_, i) => `m${i}`), "client"].join(", ")}]
`
}

/** CommonJS packages in a bundle of ES modules ask for Node's own modules with `require`. */
const requireAt = (file: string): string =>
  `import { createRequire as __createRequire } from "node:module"; const require = __createRequire(${JSON.stringify(file)});`

/** The module's tsconfig.json, with the decorators that the stock SDK switches on in it. */
function compilerOptions(folder: string): string {
  const own = fs.existsSync(path.join(folder, "tsconfig.json"))
  const file = path.join(folder, ".slipway.tsconfig.json")
  const compilerOptions = { ...(own ? {} : DEFAULT_OPTIONS), experimentalDecorators: true }
  fs.writeFileSync(file, JSON.stringify({ ...(own ? { extends: "./tsconfig.json" } : {}), compilerOptions }))
  return file
}

/** The SDK's library is a file of its own, shared by all modules with the same schema. */
function library(source: Source, state: { telemetry: boolean }): Plugin {
  const generated = path.join(source.folder, "sdk")
  const file = (telemetry: boolean) => {
    state.telemetry ||= telemetry
    return { path: telemetry ? "./telemetry.mjs" : "./sdk.mjs", external: true }
  }
  return {
    name: "library",
    setup({ onResolve }) {
      onResolve({ filter: /^@dagger\.io\/dagger$/ }, () => file(false))
      onResolve({ filter: /^@dagger\.io\/dagger\/telemetry$/ }, () => file(true))
      onResolve({ filter: /^@opentelemetry\/api$/ }, () => {
        state.telemetry = true
        return null
      })
      onResolve(
        { filter: /^\..*\/(?:index|core|client\.gen|telemetry)(?:\.[jt]s)?$/ },
        ({ path: wanted, resolveDir }) => {
          const resolved = path.resolve(resolveDir, wanted)
          return path.dirname(resolved) === generated
            ? file(path.basename(resolved).startsWith("telemetry"))
            : null
        },
      )
    },
  }
}

/** Takes packages into the bundle, but for those in `outside`; notes in `suspects` which should have been there. */
function packages(modules: string, outside: ReadonlySet<string>, suspects: Set<string>): Plugin {
  return {
    name: "packages",
    setup(build) {
      build.onResolve({ filter: /^[^./#]/ }, async ({ path: wanted, pluginData, ...context }) => {
        if (pluginData === modules || wanted.startsWith("node:")) return null
        const name = wanted.split("/", wanted.startsWith("@") ? 2 : 1).join("/")
        if (!outside.has(name)) return null
        const { kind, resolveDir, importer } = context
        const found = await build.resolve(wanted, { kind, resolveDir, importer, pluginData: modules })
        // A version nested in another package is that package's own.
        return topPackage(modules, found.path) === name ? { path: wanted, external: true } : null
      })
      build.onLoad({ filter: /\.[cm]?js$/ }, ({ path: file }) => {
        const name = topPackage(modules, file)
        if (name === null) return null
        const contents = fs.readFileSync(file, "utf8")
        if (needsItsFolder(contents)) suspects.add(name)
        return { contents: `${contents}\n${NO_MAP}`, loader: "js" }
      })
    },
  }
}

/** Keeps a package's file out of the source map, which every call reads. */
const NO_MAP =
  "//# sourceMappingURL=data:application/json;base64,eyJ2ZXJzaW9uIjozLCJzb3VyY2VzIjpbIiJdLCJtYXBwaW5ncyI6IkEifQ=="

/** Tells the module's files where they lie in a call, which the bundle would have them forget. */
function locations(source: Source): Plugin {
  return {
    name: "locations",
    setup({ onLoad }) {
      onLoad({ filter: /\.m?ts$/ }, ({ path: file }) => {
        const contents = fs.readFileSync(file, "utf8")
        if (!contents.includes("import.meta")) return null
        const run = path.join(source.run, path.relative(source.folder, file))
        const known = { __url: pathToFileURL(run).href, __folder: path.dirname(run), __file: run }
        const named = Object.entries(known).map(
          ([name, value]) => `const ${name} = ${JSON.stringify(value)};`,
        )
        return { contents: named.join("") + contents, loader: "ts", resolveDir: path.dirname(file) }
      })
    },
  }
}

/** Points the source map to where the sources lie in a call. */
function relocated(source: Source): object {
  const file = `${APP}/module.mjs.map`
  const map: { sources: string[] } = JSON.parse(fs.readFileSync(file, "utf8"))
  map.sources = map.sources.map((name) => {
    const relative = path.relative(source.folder, path.resolve(APP, name))
    return relative.startsWith("..") ? name : path.join(source.run, relative)
  })
  fs.writeFileSync(file, JSON.stringify(map))
  return {}
}
