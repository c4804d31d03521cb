/** Groups and extras of a Python project that its tests and tools need. */
import { isRecord, type JsonRecord, recordOf, recordsOf, textsOf } from "../formats/json.js"
import type { Declared } from "./declared/found.js"
import type { PythonManager } from "./python-project.js"
import { CHECKS } from "./python-team.js"
import { stepCommands } from "./shell-words.js"

/** Names of groups and extras that tests and tools need. */
export const OF_DEVELOPMENT =
  /^(?:dev|develop|development|test|tests|testing|lint|linting|types|typing|quality|ci)$/i

/** What the team's CI asks its manager for in jobs that check. */
export interface Asked {
  /** Groups and extras by name. The managers' options for both look alike. */
  readonly names: readonly string[]
  readonly allGroups: boolean
  readonly allExtras: boolean
}

/** Options that name a group or an extra of uv, poetry, PDM and pip: tools such as tox install with pip, whatever the manager. */
const NAMING = /^(?:--(?:group|only-group|extra|extras|with|only)|-[EG])(?:=(.*))?$/

/** Returns what commands of a manager, and of pip, ask for: `uv sync --group lint --all-extras`, `poetry install --with test,docs`. */
export function askedFor(declared: Pick<Declared, "jobs"> | null, manager: PythonManager): Asked {
  const words = (declared?.jobs ?? [])
    .filter(({ steps }) =>
      steps.some(({ run, uses = "" }) => CHECKS.test(run) || HOOKS.test(`${run} ${uses}`)),
    )
    .flatMap(({ steps }) => steps.flatMap(({ run, leftOut }) => (leftOut ? [] : stepCommands(run))))
    .flatMap((command) => {
      const at = command.findIndex((word) => word === manager || /^pip3?$/.test(word))
      return at === -1 ? [] : command.slice(at)
    })
  return {
    names: words.flatMap((word, i) => {
      const found = NAMING.exec(word)
      return found === null ? [] : (found[1] ?? words[i + 1] ?? "").split(/[\s,]+/).filter(Boolean)
    }),
    allGroups: words.includes("--all-groups"),
    allExtras: words.includes("--all-extras"),
  }
}

/** Nothing. */
export const NOTHING_ASKED: Asked = { names: [], allGroups: false, allExtras: false }

const HOOKS = /\bpre-?commit\b/

/**
 * Returns the groups of a pyproject.toml that tests and tools need: those that uv installs unasked, those that the team's CI
 * installs, and those of development.
 *
 * @see https://packaging.python.org/en/latest/specifications/dependency-groups/
 */
export function groupsOf(toml: JsonRecord, { names, allGroups }: Asked): readonly string[] {
  const usual = recordOf(recordOf(toml.tool).uv)["default-groups"] ?? ["dev"]
  const isUsual = (name: string) => usual === "all" || (Array.isArray(usual) && usual.includes(name))
  const groups = Object.keys(recordOf(toml["dependency-groups"]))
  const wanted = [isUsual, (name: string) => names.includes(name), () => allGroups, isOfDevelopment]
  const chosen = fitting(
    toml,
    "group",
    wanted.flatMap((wants) => groups.filter(wants)),
  )
  return groups.filter((name) => chosen.includes(name))
}

const isOfDevelopment = (name: string): boolean => OF_DEVELOPMENT.test(name)

/**
 * Leaves out what excludes one that stands before it.
 *
 * @see https://docs.astral.sh/uv/concepts/projects/config/#conflicting-dependencies
 */
export function fitting(
  toml: JsonRecord,
  kind: "group" | "extra",
  wanted: readonly string[],
): readonly string[] {
  const { conflicts } = recordOf(recordOf(toml.tool).uv)
  const sets = (Array.isArray(conflicts) ? conflicts : []).map((set) =>
    recordsOf(set).flatMap((one) => textsOf([one[kind]])),
  )
  const chosen: string[] = []
  for (const name of wanted)
    if (
      !sets.some((set) => set.includes(name) && set.some((other) => other !== name && chosen.includes(other)))
    )
      chosen.push(name)
  return chosen
}

/** Returns the groups of poetry that it installs only where they are named, and that tests and tools need. */
export const optionalGroups = (toml: JsonRecord, { names, allGroups }: Asked): readonly string[] =>
  Object.entries(recordOf(recordOf(recordOf(toml.tool).poetry).group)).flatMap(([name, group]) =>
    recordOf(group).optional === true && (allGroups || OF_DEVELOPMENT.test(name) || names.includes(name))
      ? [name]
      : [],
  )

/** Names of groups are equal if they differ only in case and marks. @see https://peps.python.org/pep-0735/ */
const normal = (name: string): string => name.toLowerCase().replace(/[-_.]+/g, "-")

/** Returns the requirements of groups, those of groups that they include as well. */
export function requirementsOfGroups(toml: JsonRecord, names: readonly string[]): readonly string[] {
  const groups = Object.fromEntries(
    Object.entries(recordOf(toml["dependency-groups"])).map(([name, list]) => [normal(name), list] as const),
  )
  const all = names.map(normal)
  const found: string[] = []
  for (const name of all) {
    const list = groups[name]
    for (const one of Array.isArray(list) ? list : []) {
      const other = isRecord(one) ? one["include-group"] : null
      if (typeof one === "string") found.push(one)
      else if (typeof other === "string" && !all.includes(normal(other))) all.push(normal(other))
    }
  }
  return found
}
