import type { StageKind } from "../plan/stage.js"
import { dast } from "./dast/dast.js"

/** The stages that look at the running app. */
export const app: readonly StageKind[] = [dast]
