import { isRecord, type JsonRecord, recordOf } from "../formats/json.js"
import { textIn } from "./paths.js"
import type { Tree } from "./project.js"
import type { PytestSettings } from "./python-project.js"

/** Files by which a tool is set up, beside its table in pyproject.toml. */
const TOOL_FILES: Readonly<Record<string, RegExp>> = {
  ruff: /^\.?ruff\.toml$/,
  mypy: /^\.?mypy\.ini$/,
  pyright: /^pyrightconfig\.json$/,
  flake8: /^\.flake8$/,
  pytest: /^conftest\.py$/,
}

/**
 * Returns the tools that are set up at the root of a tree, each with the file that does it.
 *
 * @param pytest what is said there of pytest.
 */
export async function pythonTools(
  tree: Tree,
  toml: JsonRecord,
  pytest: PytestSettings | null,
): Promise<Readonly<Record<string, string>>> {
  const setupCfg = await textIn(tree, "setup.cfg")
  const inFiles = Object.entries(TOOL_FILES).flatMap(([tool, pattern]) => {
    const file = tree.files.find((name) => pattern.test(name))
    return file === undefined ? [] : [[tool, file] as const]
  })
  const inSetup = [...setupCfg.matchAll(/^\[(mypy|flake8)\]/gm)].map(
    ([, name = ""]) => [name, "setup.cfg"] as const,
  )
  const inToml = Object.keys(recordOf(toml.tool)).map((name) => [name, "pyproject.toml"] as const)
  const formats = isRecord(recordOf(recordOf(toml.tool).ruff).format)
  return Object.fromEntries([
    ...inSetup,
    ...inToml,
    ...(formats ? [["ruff-format", "pyproject.toml"] as const] : []),
    ...inFiles,
    ...(pytest === null ? [] : [["pytest", pytest.file] as const]),
  ])
}
