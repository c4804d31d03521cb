import { type JsonRecord, recordOf, textsOf } from "../formats/json.js"

/** Names of groups and extras that tests and tools need. */
const OF_DEVELOPMENT =
  /^(?:dev|develop|development|test|tests|testing|lint|linting|types|typing|quality|ci)$/i

/**
 * Returns the extras that tests and tools need.
 *
 * @param others extras that are named outside of pyproject.toml.
 */
export const developmentExtras = (toml: JsonRecord, others: readonly string[]): readonly string[] =>
  [...Object.keys(recordOf(recordOf(toml.project)["optional-dependencies"])), ...others].filter((name) =>
    OF_DEVELOPMENT.test(name),
  )

/** Returns everything that a pyproject.toml asks for, tests and tools included, as pip's requirements. */
export function dependenciesOf(toml: JsonRecord, extras: readonly string[]): readonly string[] {
  const project = recordOf(toml.project)
  const optional = recordOf(project["optional-dependencies"])
  const groups = Object.entries(recordOf(toml["dependency-groups"])).filter(([name]) =>
    OF_DEVELOPMENT.test(name),
  )
  const { poetry, pdm, uv } = recordOf(toml.tool)
  const ofPoetry = [
    recordOf(poetry).dependencies,
    recordOf(poetry)["dev-dependencies"],
    ...Object.values(recordOf(recordOf(poetry).group)).map((group) => recordOf(group).dependencies),
  ].flatMap((table) => Object.keys(recordOf(table)))
  return [
    ...textsOf(project.dependencies),
    ...extras.flatMap((name) => textsOf(optional[name])),
    ...groups.flatMap(([, list]) => textsOf(list)),
    ...textsOf(recordOf(uv)["dev-dependencies"]),
    ...Object.values(recordOf(recordOf(pdm)["dev-dependencies"])).flatMap(textsOf),
    ...ofPoetry.filter((name) => name !== "python"),
  ]
}

/** Returns the names of the packages that a Pipfile asks for. */
export const pipfilePackages = (pipfile: JsonRecord): readonly string[] =>
  [pipfile.packages, pipfile["dev-packages"]].flatMap((table) => Object.keys(recordOf(table)))

/** Returns the lines of a requirements file that name packages. */
export const requirementLines = (text: string): readonly string[] =>
  text
    .split(/\r?\n/)
    .map((line) => line.replace(/(?:^|\s)#.*$/, "").trim())
    .filter((line) => /^[A-Za-z0-9]/.test(line))

/** The normal form of a requirement's name, https://packaging.python.org/en/latest/specifications/name-normalization/ */
const nameOf = (requirement: string): string =>
  (/^[A-Za-z0-9._-]+/.exec(requirement)?.[0] ?? "").toLowerCase().replace(/[-_.]+/g, "-")

/**
 * Returns the names in requirements, in their normal form.
 *
 * @param names names in their normal form already.
 */
export const dependencyNames = (
  requirements: readonly string[],
  names: readonly string[] = [],
): readonly string[] => [...new Set([...requirements.map(nameOf), ...names])].sort()
