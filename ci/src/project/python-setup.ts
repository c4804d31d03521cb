import { readIni } from "../formats/ini.js"
import { type JsonRecord, recordOf, textsOf } from "../formats/json.js"
import { assign, type PyNames, scopeOfNames } from "../formats/python-assignments.js"
import { nodesIn, type PyNode, parsePython, statementsOf } from "../formats/python-tree.js"
import { isDict, type PyArguments, type PyValue, pythonCall } from "../formats/python-values.js"
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
  const {
    install_requires = null,
    tests_require = null,
    extras_require = null,
  } = program === "" ? {} : await setupArguments(program)
  return {
    needed: listed
      ? []
      : [
          ...requirementLines(linesOf(options?.install_requires ?? "")),
          ...[install_requires, tests_require].flatMap(requirementsOf),
        ],
    extras: [...Object.keys(extras), ...(isDict(extras_require) ? extras_require.keys() : [])],
    dynamic: !listed && (program !== "" || options !== undefined || "dynamic" in project),
  }
}

/** What a setup.py hands to setuptools, by the names that the file gives. What is read from elsewhere is null. */
async function setupArguments(program: string): Promise<PyArguments["named"]> {
  const [file, names]: [PyNode, PyNames] = [await parsePython(program), new Map()]
  const scope = scopeOfNames(names)
  for (const statement of statementsOf(file)) assign(statement, names, scope)
  const calls = nodesIn(file).flatMap((node) => pythonCall(node, scope) ?? [])
  return calls.find(({ name }) => /^(?:\w+\.)?setup$/.test(name))?.given.named ?? {}
}

/** Requirements are a list, or a text of several lines. */
const requirementsOf = (value: PyValue): readonly string[] =>
  typeof value === "string" ? requirementLines(linesOf(value)) : textsOf(value)
