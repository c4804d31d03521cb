/** Groups and extras of a Python project that its tests and tools need. */
import { isRecord, type JsonRecord, recordOf } from "../formats/json.js"
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

/** Options that name a group or an extra of uv, poetry, PDM and pip. */
const NAMING = /^(?:--(?:group|only-group|extra|extras|with|only)|-[EG])(?:=(.*))?$/

/** Returns what commands of a manager ask for: `uv sync --group lint --all-extras`, `poetry install --with test,docs`. */
export function askedFor(declared: Pick<Declared, "jobs"> | null, manager: PythonManager): Asked {
  const words = (declared?.jobs ?? [])
    .filter(({ steps }) =>
      steps.some(({ run, uses = "" }) => CHECKS.test(run) || HOOKS.test(`${run} ${uses}`)),
    )
    .flatMap(({ steps }) => steps.flatMap(({ run, leftOut }) => (leftOut ? [] : stepCommands(run))))
    .flatMap((command) => (command.includes(manager) ? command.slice(command.indexOf(manager)) : []))
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
 * Returns the groups of a pyproject.toml that tests and tools need: those of development, those that uv installs unasked, and
 * those that the team's CI installs. Of groups that exclude each other, only what uv installs unasked.
 *
 * @see https://packaging.python.org/en/latest/specifications/dependency-groups/
 */
export function groupsOf(toml: JsonRecord, { names, allGroups }: Asked): readonly string[] {
  const uv = recordOf(recordOf(toml.tool).uv)
  const usual = uv["default-groups"] ?? ["dev"]
  const isUsual = (name: string) => usual === "all" || (Array.isArray(usual) && usual.includes(name))
  const groups = Object.keys(recordOf(toml["dependency-groups"]))
  if (Array.isArray(uv.conflicts)) return groups.filter(isUsual)
  return groups.filter(
    (name) => allGroups || isUsual(name) || OF_DEVELOPMENT.test(name) || names.includes(name),
  )
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
