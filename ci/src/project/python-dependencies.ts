import { type JsonRecord, recordOf, textsOf } from "../formats/json.js"
import { type Asked, fitting, OF_DEVELOPMENT, requirementsOfGroups } from "./python-groups.js"
import { nameOf } from "./python-names.js"

/**
 * Returns the extras that tests and tools need: those of development, and those that the team installs.
 *
 * @param others extras that are named outside of pyproject.toml.
 * @param installed those that installs of pip name.
 * @param asked what the team asks its manager for.
 */
export function developmentExtras(
  toml: JsonRecord,
  others: readonly string[],
  installed: readonly string[],
  { names, allExtras }: Asked,
): readonly string[] {
  const ofPoetry = recordOf(recordOf(recordOf(toml.tool).poetry).extras)
  const own = recordOf(recordOf(toml.project)["optional-dependencies"])
  const named = [...new Set([...Object.keys(own), ...Object.keys(ofPoetry), ...others])]
  const wanted = [...installed, ...names]
  const isWanted = (name: string) => wanted.includes(name)
  const chosen = [isWanted, (name: string) => allExtras || OF_DEVELOPMENT.test(name)]
  return fitting(toml, "extra", [...new Set(chosen.flatMap((wants) => named.filter(wants)))])
}

/** Returns what extras stand for. An extra may name others of the same project: `all = ["shop[mail,pdf]"]`. */
function withExtras(project: JsonRecord, extras: readonly string[]): readonly string[] {
  const optional = recordOf(project["optional-dependencies"])
  const own = nameOf(String(project.name ?? ""))
  const names = [...extras]
  const found: string[] = []
  for (const name of names)
    for (const text of textsOf(optional[name])) {
      if (nameOf(text) !== own) found.push(text)
      else names.push(...extrasIn(text).filter((other) => !names.includes(other)))
    }
  return found
}

/** `shop[mail,pdf]` → mail, pdf */
const extrasIn = (requirement: string): readonly string[] =>
  (/\[([^\]]*)\]/.exec(requirement)?.[1] ?? "").split(/[\s,]+/).filter(Boolean)

/** Returns everything that a pyproject.toml asks for, tests and tools included, as pip's requirements. */
export function dependenciesOf(
  toml: JsonRecord,
  extras: readonly string[],
  groups: readonly string[],
): readonly string[] {
  const project = recordOf(toml.project)
  const { poetry, pdm, uv } = recordOf(toml.tool)
  const ofPoetry = [
    recordOf(poetry).dependencies,
    recordOf(poetry)["dev-dependencies"],
    ...Object.values(recordOf(recordOf(poetry).group)).map((group) => recordOf(group).dependencies),
  ].flatMap((table) => Object.keys(recordOf(table)))
  return [
    ...textsOf(project.dependencies),
    ...withExtras(project, extras),
    ...requirementsOfGroups(toml, groups),
    ...textsOf(recordOf(uv)["dev-dependencies"]),
    ...Object.values(recordOf(recordOf(pdm)["dev-dependencies"])).flatMap(textsOf),
    ...ofPoetry.filter((name) => name !== "python"),
  ]
}

/** Returns the names of the packages that a Pipfile asks for. */
export const pipfilePackages = (pipfile: JsonRecord): readonly string[] =>
  [pipfile.packages, pipfile["dev-packages"]].flatMap((table) => Object.keys(recordOf(table)))

/** Returns the lines of a requirements file, without comments. */
export const linesOf = (text: string): readonly string[] =>
  text.split(/\r?\n/).map((line) => line.replace(/(?:^|\s)#.*$/, "").trim())

/** Returns those of a requirements file's lines that name packages. */
export const requirementLines = (lines: readonly string[]): readonly string[] =>
  lines.filter((line) => /^[A-Za-z0-9]/.test(line))
