/** The environments of Hatch, as pyproject.toml or hatch.toml describes them. @see https://hatch.pypa.io/latest/config/environment/overview/ */
import { isRecord, type JsonRecord, recordOf, recordsOf, textsOf } from "../../formats/json.js"

/** What an environment installs, sets and knows as scripts. */
export interface HatchEnvironment {
  readonly name: string
  readonly deps: readonly string[]
  /** Extras of the project. */
  readonly extras: readonly string[]
  readonly groups: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** The commands of each script. */
  readonly scripts: Readonly<Record<string, readonly string[]>>
  /** The first value of each variable of its matrix. */
  readonly matrix: Readonly<Record<string, string>>
}

/** What `hatch test` has unasked. */
const OF_TESTS: JsonRecord = {
  dependencies: [
    "coverage[toml]",
    "pytest",
    "pytest-mock",
    "pytest-randomly",
    "pytest-rerunfailures",
    "pytest-xdist[psutil]",
  ],
  scripts: { run: "pytest {args}", "run-cov": "coverage run -m pytest {args}" },
}

/** Environments that Hatch has unasked. They inherit nothing. */
export const TESTS = "hatch-test"
const OWN: JsonRecord = { [TESTS]: OF_TESTS }

/** How deep environments may inherit from each other. */
const DEEPEST = 8

/** Returns an environment; null for one that nothing describes. @param envs the table `envs`. */
export function hatchEnvironment(envs: JsonRecord, name: string): HatchEnvironment | null {
  if (name !== "default" && envs[name] === undefined && OWN[name] === undefined) return null
  const table = inherited(envs, name, DEEPEST)
  const [matrix = {}] = recordsOf(table.matrix)
  const first = Object.entries(matrix).flatMap(([key, values]) => {
    const [value] = textsOf(values)
    return value === undefined ? [] : [[key, value] as const]
  })
  const known = Object.fromEntries(first)
  const list = (key: string) => [...textsOf(table[key]), ...overriding(table, known, key)]
  return {
    name,
    deps: [...list("dependencies"), ...list("extra-dependencies")],
    extras: list("features"),
    groups: list("dependency-groups"),
    env: Object.fromEntries(
      Object.entries(recordOf(table["env-vars"])).flatMap(([key, value]) =>
        typeof value === "string" ? [[key, value]] : [],
      ),
    ),
    scripts: Object.fromEntries(
      Object.entries({ ...recordOf(table.scripts), ...recordOf(table["extra-scripts"]) }).map(
        ([key, value]) => [key, typeof value === "string" ? [value] : textsOf(value)] as const,
      ),
    ),
    matrix: known,
  }
}

/** An environment has the settings of its template that it has not itself, and its scripts beside its own. */
function inherited(envs: JsonRecord, name: string, depth: number): JsonRecord {
  const own = { ...recordOf(OWN[name]), ...recordOf(envs[name]) }
  const scripts = { ...recordOf(recordOf(OWN[name]).scripts), ...recordOf(own.scripts) }
  const detached = own.detached === true || (own.template === undefined && name in OWN)
  const template = detached ? name : (own.template ?? "default")
  if (template === name || typeof template !== "string" || depth === 0) return { ...own, scripts }
  const base = inherited(envs, template, depth - 1)
  const { matrix: _, ...settings } = base
  return { ...settings, ...own, scripts: { ...recordOf(base.scripts), ...scripts } }
}

/** What the first values of a matrix add to a list. @see https://hatch.pypa.io/latest/config/environment/advanced/#option-overrides */
function overriding(
  { overrides }: JsonRecord,
  matrix: HatchEnvironment["matrix"],
  key: string,
): readonly string[] {
  const { matrix: byVariable, platform } = recordOf(overrides)
  const added = (table: unknown, value: string): readonly string[] => {
    const entries = recordOf(table)[key]
    return (Array.isArray(entries) ? entries : []).flatMap((entry) => {
      if (typeof entry === "string") return [entry]
      if (!isRecord(entry) || typeof entry.value !== "string") return []
      const { if: values, platform: platforms } = entry
      const holds = values === undefined || textsOf(values).includes(value)
      return holds && (platforms === undefined || textsOf(platforms).includes("linux")) ? [entry.value] : []
    })
  }
  return [
    ...Object.entries(matrix).flatMap(([name, value]) => added(recordOf(byVariable)[name], value)),
    ...added(recordOf(platform).linux, ""),
  ]
}
