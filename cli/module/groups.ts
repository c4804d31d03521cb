import { firstSentence, innerFunctions, type ModuleDescription, mainFunctions } from "./description.js"
import type { Row } from "./manual.js"

/** Functions of the module by their group in the help. What is not listed is a check. */
const GROUPS: Readonly<Record<string, readonly string[]>> = {
  Images: ["image"],
  Infrastructure: ["infra"],
  Deployment: ["deploy", "promote", "rollback", "migrate", "compatible", "health", "status", "rehearse"],
  Evidence: ["report", "audit"],
}

/** The group of functions that {@link GROUPS} does not list. */
export const CHECK = "Check"

/** A line of the help for each function, by group; the checks come first. */
export function groupedFunctions(
  module: ModuleDescription,
): readonly (readonly [group: string, rows: readonly Row[]])[] {
  const listed = new Set(Object.values(GROUPS).flat())
  const row = (name: string) => {
    const found = mainFunctions(module).find((one) => one.name === name)
    if (!found) return []
    const inner = innerFunctions(module, found).map((one) => one.name)
    const text = firstSentence(found.text)
    return [[name, inner.length === 0 ? text : `${text}: ${inner.join(", ")}`] as const]
  }
  const checks = mainFunctions(module).filter(({ name }) => !listed.has(name))
  const groups = Object.entries(GROUPS).map(([group, names]) => [group, names.flatMap(row)] as const)
  return [[CHECK, checks.flatMap(({ name }) => row(name))], ...groups]
}
