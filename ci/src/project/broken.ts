import { type FaultText, located } from "../run/fault.js"
import { NO_WORK } from "../run/outcome.js"
import type { Stage } from "../run/stage.js"

/** Returns the install stage of a project that cannot be installed: it names the broken file and how to mend it. */
export const brokenInstall = (name: string, kind: string, { what, where, fix }: FaultText): Stage => ({
  name,
  kind,
  needs: [],
  prepares: true,
  because: located(where, what),
  inputs: { include: ["slipway.yaml"], exclude: [] },
  run: async () => ({
    ...NO_WORK,
    verdict: "errored",
    cause: "configuration",
    summary: `${located(where, what)}; to fix it, ${fix}`,
  }),
})
