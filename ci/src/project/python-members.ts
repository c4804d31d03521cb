import { globMatcher } from "../formats/glob.js"
import { type JsonRecord, recordOf, textsOf } from "../formats/json.js"
import { parseToml } from "../formats/toml.js"
import { folderOf } from "./manifest.js"
import { baseName, below, freeNames } from "./paths.js"
import type { Tree } from "./project.js"
import { pytestSettingsOf } from "./pytest-settings.js"
import { dependenciesOf, developmentExtras } from "./python-dependencies.js"
import { groupsOf, NOTHING_ASKED } from "./python-groups.js"
import { dependencyNames } from "./python-names.js"
import { isPackage } from "./python-package.js"
import type { PythonMember } from "./python-project.js"
import { pythonTools } from "./python-tools.js"

/** Returns the members of a workspace of uv. @see https://docs.astral.sh/uv/concepts/projects/workspaces/ */
export async function membersOf(tree: Tree, toml: JsonRecord): Promise<readonly PythonMember[]> {
  const { members, exclude } = recordOf(recordOf(recordOf(toml.tool).uv).workspace)
  const patterns = [...textsOf(members), ...textsOf(exclude).map((one) => `!${one}`)]
  const matches = globMatcher(
    patterns.map((one) => `${one.replace(/^(!?)\.\//, "$1").replace(/\/$/, "")}/pyproject.toml`),
  )
  const files = tree.files.filter((file) => file.endsWith("/pyproject.toml") && matches(file))
  const free = freeNames(new Set())
  return Promise.all(files.map(folderOf).map((path) => memberOf(tree, path, free(baseName(path)))))
}

async function memberOf(tree: Tree, path: string, name: string): Promise<PythonMember> {
  const own = below(tree, path)
  const toml = parseToml(await own.read("pyproject.toml")) ?? {}
  const groups = groupsOf(toml, NOTHING_ASKED)
  const extras = developmentExtras(toml, [], [], NOTHING_ASKED)
  return {
    path,
    name,
    tools: await pythonTools(own, toml, await pytestSettingsOf(own)),
    groups,
    dependencies: dependencyNames(dependenciesOf(toml, extras, groups)),
    isPackage: await isPackage(own, toml),
  }
}
