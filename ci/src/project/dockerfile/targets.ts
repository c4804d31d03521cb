import type { DeclaredBuild } from "./declared.js"
import { isVariant } from "./names.js"
import { stagesOf, stagesOfTarget } from "./stages.js"
import { instructionsOf } from "./syntax.js"

/**
 * Returns the stages of a Dockerfile whose images the team's own builds make, null for the last: those that are released,
 * and no part of another.
 *
 * @param builds those of the Dockerfile, what counts most first.
 */
export function targetsOf(
  dockerfile: string,
  builds: readonly DeclaredBuild[],
): readonly [string | null, ...(string | null)[]] {
  const stages = stagesOf(instructionsOf(dockerfile))
  const last = stages.at(-1)?.name ?? null
  const named = builds.flatMap(({ target }) => {
    const name = target?.toLowerCase()
    if (name === undefined || name === last) return [null]
    return stages.some((stage) => stage.name === name) && !isVariant(name) ? [name] : []
  })
  const wanted = [...new Set(named)]
  // Nobody releases a last stage for development or tests that no build names.
  const whole = last !== null && isVariant(last) ? wanted : [...wanted, null]
  const isPart = (target: string | null) =>
    whole.some(
      (other) =>
        other !== target &&
        target !== null &&
        stagesOfTarget(stages, other).some(({ name }) => name === target),
    )
  const [first = null, ...others] = wanted.filter((target) => !isPart(target))
  return [first, ...others]
}
