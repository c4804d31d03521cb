import type { StageKind } from "../run/stage.js"
import { a11y } from "./a11y/a11y.js"
import { dast } from "./dast/dast.js"
import { e2e } from "./e2e/e2e.js"
import { load } from "./load/load.js"

/** The stages that look at the running app. */
export const app: readonly StageKind[] = [e2e, a11y, load, dast]
