import {
  type Environment,
  type Environments,
  environmentsOf,
  ofJob,
} from "../project/declared/environments.js"
import type { TestScript } from "../project/declared/scripts.js"
import type { Project } from "../project/project.js"
import type { Stage, StageResult } from "../run/stage.js"

/** The environments of the team's CI as stages of tests: `test:unit[TZ=Asia/Tokyo]`. */

const NONE: Environments = { others: [], unchecked: [] }

/**
 * Returns the environments in which tests run beside the usual one: on the first version of their language alone.
 *
 * @param isRefused whether the tests do not run at all.
 */
export function inEnvironments(project: Project, test: TestScript, isRefused = false): Environments {
  const { python, node, nodes, config } = project
  const isFirst = python === null ? node === nodes[0] : python.version === python.versions[0]
  return isFirst && !isRefused ? environmentsOf(project, test, config.tests.environments) : NONE
}

/** A stage whose tests do not count for coverage: those of the usual environment do. */
export function withoutLines({ lacksLines: _, ...stage }: Stage): Stage {
  return stage
}

/**
 * Returns the result of tests in an environment; where it needs what is not here, such as a service, the tests are skipped, and
 * named as not checked: in the usual environment they ran.
 *
 * @param tests for a reader: `the script test`.
 */
export function unlessHere(result: StageResult, tests: string, environment: Environment | null): StageResult {
  if (environment === null || result.verdict !== "errored" || result.cause !== "service") return result
  const { unchecked = [], summary } = result
  return {
    ...result,
    verdict: "skipped",
    cause: null,
    summary: `not run here: ${summary}`,
    unchecked: [
      ...unchecked,
      {
        what: `${tests} with ${environment.label.slice(1, -1)}, ${ofJob(environment.runs)}`,
        reason: summary,
      },
    ],
  }
}
