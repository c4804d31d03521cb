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

/**
 * Writes the module that holds the style and the script of report.html as texts: `ci` runs from its sources, without
 * a bundler.
 */
export async function pageModule(): Promise<string> {
  const [style, script] = await Promise.all(["page.css", "page.ts"].map(bundled))
  return [
    "/** Made from ci/page by `npm run generate`. */",
    `export const STYLE = ${JSON.stringify(style)}`,
    `export const SCRIPT = ${JSON.stringify(script)}\n`,
  ].join("\n")
}
