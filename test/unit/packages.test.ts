import fs from "node:fs"
import path from "node:path"
import { fileURLToPath } from "node:url"
import { expect, test } from "vitest"

const ROOT = fileURLToPath(new URL("../..", import.meta.url))

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
}

/** The manifest of a folder; the modules that users call have each their own. */
const manifest = (folder: string): Manifest =>
  JSON.parse(fs.readFileSync(path.join(ROOT, folder, "package.json"), "utf8"))

/** The SDK comes with the engine. */
const OF_THE_ENGINE = "@dagger.io/dagger"

/** The packages that a module's sources import: `@lezer/python`, `yaml`. */
function imported(folder: string): readonly string[] {
  const files = fs
    .readdirSync(path.join(ROOT, folder, "src"), { recursive: true, encoding: "utf8" })
    .filter((file) => /\.ts$/.test(file) && !/node_modules|testdata/.test(file))
  const names = files.flatMap((file) => {
    const text = fs.readFileSync(path.join(ROOT, folder, "src", file), "utf8")
    return [
      ...text.matchAll(/^(?:import|export)\b[^"'`]*?\bfrom "((?:@[^/"]+\/)?[^./"][^/":]*)(?:\/[^"]*)?"/gm),
    ]
  })
  return [...new Set(names.map(([, name = ""]) => name))].filter((name) => name !== OF_THE_ENGINE).sort()
}

test.each([
  "ci",
  "modules/deploy",
  "modules/aws-simulator",
])("%s brings each package that it imports, in the version that is tested", (folder) => {
  const own = manifest(folder).dependencies ?? {}
  const { dependencies, devDependencies } = manifest(".")
  const names = imported(folder)
  expect(names.filter((name) => !(name in own))).toEqual([])
  expect({ ...dependencies, ...devDependencies }).toMatchObject(own)
})
