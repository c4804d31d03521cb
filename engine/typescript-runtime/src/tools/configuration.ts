import * as fs from "node:fs"
import * as path from "node:path"
import type { PackageManifest } from "./files.js"

interface Configuration {
  readonly compilerOptions?: { readonly paths?: Readonly<Record<string, readonly string[]>> }
}

/** What a module without a tsconfig.json is compiled with. */
export const DEFAULT_OPTIONS = {
  target: "ES2022",
  moduleResolution: "Node",
  strict: true,
  skipLibCheck: true,
} as const

/** Where the library lies that is generated into a module's folder. */
const LIBRARY = {
  "@dagger.io/dagger": ["./sdk/index.ts"],
  "@dagger.io/dagger/telemetry": ["./sdk/telemetry.ts"],
}

/** A module's tsconfig.json with what the SDK needs in it: the place of its library, and decorators. */
export function configuration(folder: string): object {
  const own: Configuration = json(path.join(folder, "tsconfig.json")) ?? { compilerOptions: DEFAULT_OPTIONS }
  const paths = { ...own.compilerOptions?.paths, ...LIBRARY }
  return { ...own, compilerOptions: { ...own.compilerOptions, experimentalDecorators: true, paths } }
}

/** A module's package.json with what the SDK needs in it: ES modules, and TypeScript at run time. */
export function manifest(folder: string): object {
  const own: PackageManifest = json(path.join(folder, "package.json")) ?? {}
  return { ...own, type: "module", dependencies: withoutSdk({ typescript: "5.9.3", ...own.dependencies }) }
}

const withoutSdk = ({ "@dagger.io/dagger": _, ...others }: Readonly<Record<string, string>>) => others

function json(file: string): object | null {
  return fs.existsSync(file) ? JSON.parse(withoutComments(fs.readFileSync(file, "utf8"))) : null
}

/** JSON as people write it, with comments and a comma at the end. Strings are matched too, to be left whole. */
function withoutComments(text: string): string {
  return text
    .replace(/("(?:[^"\\]|\\.)*")|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, (_, string?: string) => string ?? "")
    .replace(/("(?:[^"\\]|\\.)*")|,(?=\s*[}\]])/g, (_, string?: string) => string ?? "")
}
