/** Versions of Python that Slipway has images for, in order of preference: supported longest among those in wide use. */
const PREFERRED = ["3.11", "3.12", "3.13", "3.10", "3.14", "3.9"] as const

/** The Python of a project that names none. */
export const PYTHON_DEFAULT = PREFERRED[0]

/** The newest of them, which version files call `latest`. */
const NEWEST = "3.14"

const numbers = (version: string): readonly number[] => version.split(".").map(Number)

/** Compares versions by as many numbers as the second has. */
function compare(version: string, bound: string): number {
  const own = numbers(version)
  for (const [i, part] of numbers(bound).entries()) {
    const other = own[i] ?? 0
    if (other !== part) return other - part
  }
  return 0
}

/** The next version that `~=` and `^` exclude: `3.11.2` → `3.12` and `4`. */
const above = (bound: string, kept: number): string => {
  const parts = numbers(bound).slice(0, kept)
  return [...parts.slice(0, -1), (parts.at(-1) ?? 0) + 1].join(".")
}

/** What each operator of PEP 440, and Poetry's own, asks of a version. */
const OPERATORS: Readonly<Record<string, (version: string, bound: string) => boolean>> = {
  ">=": (version, bound) => compare(version, bound) >= 0,
  ">": (version, bound) => compare(version, bound) > 0,
  "<=": (version, bound) => compare(version, bound) <= 0,
  "<": (version, bound) => compare(version, bound) < 0,
  "!=": (version, bound) => compare(version, bound) !== 0,
  "==": (version, bound) => compare(version, bound) === 0,
  "===": (version, bound) => compare(version, bound) === 0,
  "~=": (version, bound) =>
    compare(version, bound) >= 0 && compare(version, above(bound, numbers(bound).length - 1)) < 0,
  "~": (version, bound) => compare(version, bound) >= 0 && compare(version, above(bound, 2)) < 0,
  "^": (version, bound) => compare(version, bound) >= 0 && compare(version, above(bound, 1)) < 0,
}

const CLAUSE = /^(===|~=|==|!=|>=|<=|>|<|\^|~)?\s*v?(\d+(?:\.\d+)*)(?:\.\*)?[a-z0-9.]*$/

/**
 * True where a version fits a specifier, such as `>=3.10,<4` (PEP 440) or `^3.10` (Poetry). What is no specifier fits
 * nothing.
 *
 * @param version all numbers, or the newest of a minor version as `3.11.99`.
 */
function fits(version: string, specifier: string): boolean {
  return specifier.split("||").some((choice) =>
    choice
      .split(",")
      .map((clause) => clause.trim())
      .filter((clause) => clause !== "" && clause !== "*")
      .every((clause) => {
        const [, operator = "==", bound = ""] = CLAUSE.exec(clause) ?? []
        return bound !== "" && (OPERATORS[operator]?.(version, bound) ?? false)
      }),
  )
}

/**
 * Returns the Python for a specifier: an exact version where it names one, else the preferred minor version that fits;
 * null where none does.
 *
 * @see https://packaging.python.org/en/latest/specifications/version-specifiers/
 */
export function pythonFor(specifier: string): string | null {
  if (/^(?:latest|3)$/.test(specifier.trim())) return NEWEST
  const exact = /^(?:==)?\s*v?(\d+\.\d+\.\d+)$/.exec(specifier.trim())?.[1]
  if (exact !== undefined) return exact
  const minor = /^(?:cpython-?|python-?)?(\d+\.\d+)$/.exec(specifier.trim())?.[1]
  if (minor !== undefined) return minor
  return PREFERRED.find((one) => fits(`${one}.99`, specifier)) ?? null
}

/** True for a specifier that only one minor version fits. */
export const isOneVersion = (specifier: string): boolean =>
  /\d/.test(specifier) && PREFERRED.filter((one) => fits(`${one}.99`, specifier)).length < 2

/**
 * Returns the minor version of some versions that is to be run, by the order of preference; null where none fits a
 * specifier.
 *
 * @param specifier "" for any.
 */
export function preferredOf(versions: readonly string[], specifier: string): string | null {
  const minors = versions.flatMap((one) => /^\d+\.\d+/.exec(one)?.[0] ?? [])
  const fitting = minors.filter((one) => specifier === "" || fits(`${one}.99`, specifier))
  return PREFERRED.find((one) => fitting.includes(one)) ?? null
}
