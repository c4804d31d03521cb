import { type JsonRecord, recordOf, textsOf } from "../formats/json.js"
import { parseToml } from "../formats/toml.js"
import { Fault } from "../run/fault.js"
import type { Declared } from "./declared/found.js"
import { type NamedVersion, teamVersions } from "./declared/languages.js"
import { textIn } from "./paths.js"
import type { Tree } from "./project.js"
import type { Python } from "./python-project.js"
import {
  fitsPython,
  isFreeThreaded,
  isOneVersion,
  newestOf,
  PYTHON_DEFAULT,
  pythonFor,
} from "./python-version.js"
import { servedBy } from "./python-wheels.js"
import { managedVersions, VERSION_MANAGER_FILES } from "./version-managers.js"

/** What names a Python besides the project's own files. */
export interface PythonNames {
  /** The versions that slipway.yaml names. */
  readonly named?: readonly string[] | null
  /** What the team's own files say. */
  readonly declared?: Declared | null
  /** The project's folder in the repository; "" by default. */
  readonly folder?: string
  /** The repository, of a project in a folder: version managers look there as well. */
  readonly above?: Tree | null
}

/** The project's own files. */
interface PythonFiles {
  readonly toml: JsonRecord
  readonly pipfile: JsonRecord
  /** The text of the lock file; "" without one. */
  readonly lock: string
}

type Choice = Pick<Python, "version" | "versions" | "versionFrom">

type Chosen = Choice & Pick<Python, "disagreements" | "freeThreaded">

/**
 * Chooses a project's Python, by the place that names it most exactly. Of a range, the newest version that its lock file
 * has wheels for and that its classifiers name.
 *
 * @throws {Fault} `configuration` for a version that Slipway does not have.
 */
export async function chosenPython(
  tree: Tree,
  { toml, pipfile, lock }: PythonFiles,
  { named = null, declared = null, above = null }: PythonNames,
): Promise<Chosen> {
  const { python_full_version: full, python_version: minor } = recordOf(pipfile.requires)
  const poetry = recordOf(recordOf(recordOf(toml.tool).poetry).dependencies).python
  const places = [
    ...(await versionFiles(tree)),
    ...(above === null ? [] : await versionFiles(above)),
    ["Pipfile", textOf(full) ?? textOf(minor)] as const,
    ["pyproject.toml", textOf(recordOf(toml.project)["requires-python"]) ?? textOf(poetry)] as const,
  ].flatMap(([file, text]) => (text === undefined ? [] : [{ file, text: text.trim() }]))
  const team = declared === null ? [] : teamVersions(declared, "python")
  const choice = chosenOf(places, named, team, preferred(toml, lock))
  const [first] = places
  return {
    ...choice,
    disagreements: places.flatMap(({ file, text }) =>
      fitsPython(choice.version, text) ? [] : [`${file} wants ${text}`],
    ),
    freeThreaded: isFreeThreaded(first?.text ?? "") || (await compiledWithoutLock(tree)),
  }
}

/** A place that names a Python, and how. */
interface Place {
  readonly file: string
  readonly text: string
}

function chosenOf(
  [place]: readonly Place[],
  named: readonly string[] | null,
  team: readonly NamedVersion[],
  lists: readonly (readonly string[])[],
): Choice {
  const [first] = named ?? []
  if (named !== null && first !== undefined)
    return { version: first, versions: named, versionFrom: "slipway.yaml" }
  if (place === undefined) return narrowed("", { version: PYTHON_DEFAULT, versionFrom: null }, team, lists)
  const { file, text } = place
  const version = pythonFor(text, lists)
  if (version !== null) return narrowed(text, { version, versionFrom: file }, team, lists)
  throw new Fault("configuration", {
    what: `Python "${text}" is not supported`,
    where: file,
    fix: `name a version such as ${PYTHON_DEFAULT} in ${file}`,
  })
}

/** Tells whether mise is to build Python without the global interpreter lock. @see https://mise.jdx.dev/lang/python.html */
async function compiledWithoutLock(tree: Tree): Promise<boolean> {
  const files = VERSION_MANAGER_FILES.filter((file) => file.endsWith(".toml") && tree.files.includes(file))
  const texts = await Promise.all(files.map((file) => tree.read(file)))
  return texts.some((text) => Number(recordOf(parseToml(text)?.env).PYTHON_BUILD_FREE_THREADING) === 1)
}

/** Of a specifier that several versions fit, takes one that the team's CI runs on. */
function narrowed(
  specifier: string,
  choice: Omit<Choice, "versions">,
  team: readonly NamedVersion[],
  lists: readonly (readonly string[])[],
): Choice {
  const found = team.flatMap(({ file, wanted }) => {
    const versions = wanted.split(" || ").flatMap((one) => /^\d+\.\d+/.exec(one)?.[0] ?? [])
    const version = newestOf(versions, specifier, lists)
    return version === null ? [] : [{ version, versionFrom: file, versions }]
  })
  const known = isOneVersion(specifier) || found.some(({ versions }) => versions.includes(choice.version))
  const { version, versionFrom } = known ? choice : (found[0] ?? choice)
  return { version, versions: [version], versionFrom }
}

/** Reads the files that version managers read, the most exact first. */
async function versionFiles(tree: Tree): Promise<readonly (readonly [string, string | undefined])[]> {
  const firstLine = (text: string) => text.split("\n").find((line) => /^\s*(?:latest\b|[\w.-]*\d)/.test(line))
  const inRuntime = (text: string) => /^python-(\S+)/m.exec(text)?.[1]
  const managed = await managedVersions(tree, ["python"])
  return [
    [".python-version", firstLine(await textIn(tree, ".python-version"))],
    ...managed.map(({ file, version }) => [file, version] as const),
    ["runtime.txt", inRuntime(await textIn(tree, "runtime.txt"))],
  ]
}

const textOf = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined)

/** Versions that a range is narrowed to: those that the lock file serves, of them those that the classifiers name. */
function preferred(toml: JsonRecord, lock: string): readonly (readonly string[])[] {
  const served = servedBy(lock)
  const classifiers = textsOf(recordOf(toml.project).classifiers).flatMap((line) => {
    const minor = /^Programming Language :: Python :: (3\.\d+)$/.exec(line.trim())?.[1]
    return minor === undefined ? [] : [minor]
  })
  return [served.filter((one) => classifiers.includes(one)), served, classifiers]
}
