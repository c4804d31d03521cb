import type { Measure } from "./result.js"
import type { Given } from "./stage.js"

/** A number of a stage, beside what it was in the base of the change. */
export function measured(
  { base }: Pick<Given, "base">,
  stage: string,
  measure: Omit<Measure, "base">,
): Measure {
  const before = base?.stages
    .find(({ name }) => name === stage)
    ?.measures?.find(({ name }) => name === measure.name)
  return { ...measure, base: before?.value ?? null }
}

/** `3 bugs, 0 allowed, 2 in the base`. */
export function measureText({ name, value, unit, limit, base }: Measure): string {
  const number = (n: number) => `${Number.isInteger(n) ? n : n.toFixed(1)}${unit === "%" ? " %" : unit}`
  const noun = value === 1 && unit === "" ? name.replace(/s$/, "") : name
  return [
    `${number(value)} ${noun}`,
    ...(limit === null ? [] : [`${number(limit)} allowed`]),
    ...(base === null || base === value ? [] : [`${number(base)} in the base`]),
  ].join(", ")
}
