/**
 * `node generate.mjs <module name> <subpath>`: what `dagger init` and `dagger develop` put into a module's source
 * folder: the library for editors, the configuration that finds it, and a first module where there is none.
 */
import * as fs from "node:fs"
import * as path from "node:path"
import { convertToPascalCase } from "sdk:module/introspector/case_convertor.js"
import { configuration, manifest } from "./configuration.js"
import { sourceFiles } from "./files.js"
import { BUILT, LIBRARY } from "./paths.js"

const OUT = "/generated"
const [name = "", subpath = "."] = process.argv.slice(2)
const folder = path.join(BUILT, subpath)
const out = path.join(OUT, subpath)

const src = path.join(folder, "src")
const isNew = !fs.existsSync(src) || sourceFiles(src).length === 0

fs.mkdirSync(path.join(out, "src"), { recursive: true })
fs.cpSync(`${LIBRARY}/sdk`, path.join(out, "sdk"), { recursive: true })
write("tsconfig.json", configuration(folder))
write("package.json", manifest(folder))
if (isNew) fs.writeFileSync(path.join(out, "src/index.ts"), example(convertToPascalCase(name)))

function write(file: string, contents: object): void {
  fs.writeFileSync(path.join(out, file), `${JSON.stringify(contents, null, 2)}\n`)
}

function example(className: string): string {
  return `import { type Container, type Directory, dag, func, object } from "@dagger.io/dagger"

/** A first module: two functions to call and to change. */
@object()
export class ${className} {
  /** A container that prints a text. */
  @func()
  containerEcho(text: string): Container {
    return dag.container().from("alpine:latest").withExec(["echo", text])
  }

  /** The lines of a folder's files that match a pattern. */
  @func()
  async grepDir(directory: Directory, pattern: string): Promise<string> {
    return dag
      .container()
      .from("alpine:latest")
      .withMountedDirectory("/mnt", directory)
      .withWorkdir("/mnt")
      .withExec(["grep", "-R", pattern, "."])
      .stdout()
  }
}
`
}
