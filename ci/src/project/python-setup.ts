import { readIni } from "../formats/ini.js"
import { type JsonRecord, recordOf, textsOf } from "../formats/json.js"
import { textIn } from "./paths.js"
import type { Tree } from "./project.js"
import { linesOf, requirementLines } from "./python-dependencies.js"

/** What setup.py and setup.cfg say of a project's dependencies, as far as it can be read without running them. */
export interface PythonSetup {
  /** Requirements of pip. */
  readonly needed: readonly string[]
  /** All of its extras. */
  readonly extras: readonly string[]
  /** True if its dependencies are complete only once it is built. */
  readonly dynamic: boolean
}

/** Reads the setup of setuptools. */
export async function setupOf(tree: Tree, toml: JsonRecord): Promise<PythonSetup> {
  const program = await textIn(tree, "setup.py")
  const { options, "options.extras_require": extras = {} } = readIni(await textIn(tree, "setup.cfg"))
  const project = recordOf(toml.project)
  const listed = "dependencies" in project && !textsOf(project.dynamic).includes("dependencies")
  const calls = /extras_require\s*=\s*\{([\s\S]*?)\}/.exec(program)?.[1] ?? ""
  return {
    needed: listed
      ? []
      : [...requirementLines(linesOf(options?.install_requires ?? "")), ...listsIn(program)],
    extras: [
      ...Object.keys(extras),
      ...[...calls.matchAll(/["']([\w.-]+)["']\s*:/g)].map(([, name = ""]) => name),
    ],
    dynamic: !listed && (program !== "" || options !== undefined || "dynamic" in project),
  }
}

/** The texts of the lists in a setup.py that name what it needs. */
const listsIn = (program: string): readonly string[] =>
  [...program.matchAll(/\b(?:install_requires|tests_require)\s*=\s*\[([^\]]*)\]/g)].flatMap(([, list = ""]) =>
    [...list.replace(/#.*$/gm, "").matchAll(/(["'])([A-Za-z0-9][^"'\n]*)\1/g)].map(([, , text = ""]) => text),
  )
