/** Reads which files of a folder import which: by their relative paths alone. */
import { readdirSync, readFileSync } from "node:fs"
import { dirname, join, normalize } from "node:path"

const IMPORT = /^(?:import|export)\b[^"']*?["'](\.[^"']+)["']/gm

type Imports = ReadonlyMap<string, readonly string[]>

/** Returns the relative imports of every TypeScript file below a folder, by path. */
export function importsBelow(folder: string): Imports {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) =>
    /^(?!.*node_modules).*\.ts$/.test(file),
  )
  return new Map(
    files.map((file) => {
      const targets = [...readFileSync(join(folder, file), "utf8").matchAll(IMPORT)].map(([, path = ""]) =>
        normalize(join(dirname(file), path)),
      )
      return [file, targets]
    }),
  )
}

/** Returns the first circle of imports, as the path that leads around it; null without one. */
export function circleIn(imports: Imports): readonly string[] | null {
  const done = new Set<string>()
  const follow = (file: string, path: readonly string[]): readonly string[] | null => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file]
    if (done.has(file)) return null
    const inner = [...(imports.get(file) ?? [])]
      .map((target) => follow(target, [...path, file]))
      .find((found) => found !== null)
    done.add(file)
    return inner ?? null
  }
  return [...imports.keys()].map((file) => follow(file, [])).find((circle) => circle !== null) ?? null
}
