import { isRecord, type JsonRecord, recordOf, recordsOf } from "../formats/json.js"
import { textIn } from "./paths.js"
import type { Tree } from "./project.js"

/** Tells whether a project's own code is installed as a package. */
export async function isPackage(tree: Tree, toml: JsonRecord): Promise<boolean> {
  const { poetry, uv, pdm } = recordOf(toml.tool)
  if (recordOf(poetry)["package-mode"] === false || recordOf(uv).package === false) return false
  if (recordOf(pdm).distribution === false) return false
  const described = isRecord(toml["build-system"]) && (isRecord(toml.project) || isRecord(poetry))
  if (described) return !isRecord(poetry) || hasCode(tree, toml)
  if (tree.files.includes("setup.py")) return true
  return /^\[(?:metadata|options)\]/m.test(await textIn(tree, "setup.cfg"))
}

/** Poetry refuses to install a project without code of its name; those before its version 2 only warned. */
function hasCode({ files }: Tree, toml: JsonRecord): boolean {
  const { poetry } = recordOf(toml.tool)
  const { name, packages } = recordOf(poetry)
  if (recordsOf(packages).length > 0) return true
  const module = String(recordOf(toml.project).name ?? name ?? "")
    .toLowerCase()
    .replace(/[-_.]+/g, "_")
  const inside = new RegExp(`^(?:src/)?${module}(?:/|\\.py$)`, "i")
  return files.some((file) => inside.test(file))
}
