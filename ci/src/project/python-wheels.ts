import { PYTHON_MINORS } from "./config.js"

/** A wheel's file name: `numpy-1.26.4-cp312-cp312-manylinux_2_17_x86_64.whl`. @see https://packaging.python.org/en/latest/specifications/binary-distribution-format/ */
const WHEEL =
  /\b(?<name>[A-Za-z0-9][\w.]*)-(?<version>\d[\w.!+]*)(?:-\d\w*)?-(?<python>(?:cp|py)\w+(?:\.\w+)*)-(?<abi>\w+(?:\.\w+)*)-(?<platform>any|manylinux\w+(?:\.\w+)*)\.whl/g

/** Whether a wheel of some tags runs on a minor version: `3.12`. */
function runsOn(minor: string, python: string, abi: string): boolean {
  const number = Number(minor.slice(2))
  return python.split(".").some((tag) => {
    if (tag.startsWith("py")) return tag === "py3" || tag === "py2" || Number(tag.slice(3)) <= number
    const own = Number(tag.slice(3))
    return abi.startsWith("abi3") ? own <= number : own === number && !abi.endsWith("t")
  })
}

/**
 * Returns the versions of Python that a lock file has wheels for: none of its packages that has wheels would have to be
 * compiled.
 */
export function servedBy(lockFile: string): readonly string[] {
  const packages = new Map<string, { readonly python: string; readonly abi: string }[]>()
  for (const { groups = {} } of lockFile.matchAll(WHEEL)) {
    const { name = "", version = "", python = "", abi = "" } = groups
    const key = `${name.toLowerCase()} ${version}`
    packages.set(key, [...(packages.get(key) ?? []), { python, abi }])
  }
  return PYTHON_MINORS.filter((minor) =>
    [...packages.values()].every((wheels) => wheels.some(({ python, abi }) => runsOn(minor, python, abi))),
  )
}
