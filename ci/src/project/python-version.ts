import { PYTHON_MINORS } from "./config.js"

/** The Python of a project that names none. */
export const PYTHON_DEFAULT = "3.11"

/** The newest of them, which version files call `latest`. */
const NEWEST = PYTHON_MINORS[PYTHON_MINORS.length - 1] ?? PYTHON_DEFAULT

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
 * Returns the Python for a specifier: an exact version where it names one, else the newest minor version that fits; null
 * where none does.
 *
 * @param preferred lists of versions, what counts most first: of those that fit, the newest of a list counts before others.
 * @see https://packaging.python.org/en/latest/specifications/version-specifiers/
 */
export function pythonFor(specifier: string, preferred: readonly (readonly string[])[] = []): string | null {
  const text = specifier.trim().replace(FREE_THREADED, "$1")
  if (/^(?:latest|3)$/.test(text)) return NEWEST
  const exact = /^(?:==|cpython[-@]?|python-?)?\s*v?(\d+\.\d+\.\d+)$/.exec(text)?.[1]
  if (exact !== undefined) return exact
  const minor = /^(?:cpython[-@]?|python-?)?(\d+\.\d+)$/.exec(text)?.[1]
  if (minor !== undefined) return minor
  return newestOf(PYTHON_MINORS, text, preferred)
}

/** `3.14t`, `3.14.0t`, `3.14+freethreaded`. @see https://docs.astral.sh/uv/concepts/python-versions */
const FREE_THREADED = /(\d\.\d+(?:\.\d+)?)(?:t|\+freethreaded)$/

/** Tells whether a version is named without the global interpreter lock. */
export const isFreeThreaded = (specifier: string): boolean => FREE_THREADED.test(specifier.trim())

/** Tells whether a specifier allows a version of Python, `3.11` or `3.11.4`. */
export function fitsPython(version: string, specifier: string): boolean {
  if (/[<>~^!*,|=]/.test(specifier))
    return fits(version.split(".").length < 3 ? `${version}.99` : version, specifier)
  if (/^(?:latest|3)$/.test(specifier)) return true
  const named = `${pythonFor(specifier)}.`
  return named.startsWith(`${version}.`) || `${version}.`.startsWith(named)
}

/** True for a specifier that only one minor version fits. */
export const isOneVersion = (specifier: string): boolean =>
  /\d/.test(specifier) && PYTHON_MINORS.filter((one) => fits(`${one}.99`, specifier)).length < 2

/**
 * Returns the newest of some minor versions that fits a specifier, of a preferred list where one of its versions does; null
 * where none fits.
 *
 * @param specifier "" for any.
 * @param preferred lists of versions, what counts most first.
 */
export function newestOf(
  versions: readonly string[],
  specifier: string,
  preferred: readonly (readonly string[])[],
): string | null {
  const fitting = PYTHON_MINORS.filter(
    (one) => versions.includes(one) && (specifier === "" || fits(`${one}.99`, specifier)),
  )
  const lists = [...preferred, fitting].map((list) => fitting.filter((one) => list.includes(one)))
  return lists.find((list) => list.length > 0)?.at(-1) ?? null
}
