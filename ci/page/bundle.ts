import { fileURLToPath } from "node:url"
import { type BuildOptions, build } from "esbuild"

const OPTIONS: BuildOptions = {
  absWorkingDir: fileURLToPath(new URL(".", import.meta.url)),
  bundle: true,
  minify: true,
  charset: "utf8",
  format: "iife",
  target: "es2020",
  write: false,
  // Neither the module's nor the repository's settings are the browser's.
  tsconfigRaw: {},
}

async function bundled(entry: string): Promise<string> {
  const { outputFiles = [] } = await build({ ...OPTIONS, entryPoints: [entry] })
  return outputFiles.map(({ text }) => text).join("")
}

/** A module that holds bundled files as texts: sources run without a bundler. @param entries files by the constant of each. */
async function textModule(from: string, entries: Readonly<Record<string, string>>): Promise<string> {
  const texts = await Promise.all(
    Object.entries(entries).map(
      async ([name, entry]) => `export const ${name} = ${JSON.stringify(await bundled(entry))}`,
    ),
  )
  return [`/** Made from ${from} by \`npm run generate\`. */`, ...texts, ""].join("\n")
}

/** Writes the module that holds the style and the script of report.html. */
export const pageModule = (): Promise<string> =>
  textModule("ci/page", { STYLE: "page.css", SCRIPT: "page.ts" })

/** Writes the module that holds the style of the page of `slipway metrics`. */
export const metricsModule = (): Promise<string> =>
  textModule("cli/metrics/page", { STYLE: "../../cli/metrics/page/metrics.css" })
