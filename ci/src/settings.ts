/** What rooms bring to slipway.yaml and to the exit codes, put together. A room is a line here and one in `stages.ts`. */
import { ROOM as APP } from "./app/config.js"
import { type Config, type ConfigReader, configReader } from "./config/config.js"
import type { KindGate } from "./config/room.js"
import { stages } from "./config/stage-settings.js"
import { ROOM as CUSTOM } from "./custom/config.js"
import { ROOM as DEPLOY, fits } from "./deploy/config.js"
import { ROOM as IMAGE } from "./image/config.js"
import { ROOM as PROJECT } from "./project/config.js"
import { ROOM as QUALITY } from "./quality/config.js"
import { ROOM as REPORT } from "./report/config.js"
import { ROOM as RESULTS } from "./results/config.js"
import type { Causes } from "./run/causes.js"
import { ROOM as RUN } from "./run/config.js"
import { ROOM as SECURITY } from "./security/config.js"
import { ROOM as SHARDS } from "./shards/config.js"
import { ROOM as TERRAFORM } from "./terraform/config.js"
import { ROOM as TESTING } from "./testing/config.js"

/** What each kind of stage checks, by the key under `stages` in slipway.yaml. */
export const STAGES: Readonly<Record<string, string>> = {
  ...PROJECT.stages,
  ...QUALITY.stages,
  ...TESTING.stages,
  ...APP.stages,
  ...SECURITY.stages,
  ...IMAGE.stages,
  ...TERRAFORM.stages,
  ...RUN.stages,
}

/** How each kind of stage counts, for those that are not simply the project's own. */
export const GATES: Readonly<Record<string, KindGate>> = {
  ...QUALITY.gates,
  ...TESTING.gates,
  ...APP.gates,
  ...SECURITY.gates,
  ...IMAGE.gates,
  ...TERRAFORM.gates,
}

/** By which limit of slipway.yaml the time of each kind of stage counts. */
export const CLOCKS: Readonly<Record<string, "build" | "tests">> = {
  ...PROJECT.clocks,
  ...TESTING.clocks,
  ...APP.clocks,
  ...IMAGE.clocks,
}

/** Seconds of work of each kind of stage, where no run has measured them. */
export const SECONDS: Readonly<Record<string, number>> = {
  ...PROJECT.seconds,
  ...TESTING.seconds,
  ...APP.seconds,
  ...SECURITY.seconds,
  ...IMAGE.seconds,
}

/** Every cause, with its exit code. Those from 30 to 39 are the host's own: see `engine/host/fault.ts`. */
export const CAUSES: Causes = {
  ...RUN.causes,
  ...PROJECT.causes,
  ...TESTING.causes,
  ...SECURITY.causes,
  ...IMAGE.causes,
  ...TERRAFORM.causes,
  ...DEPLOY.causes,
  ...RESULTS.causes,
  ...SHARDS.causes,
}

export const reader: ConfigReader<Config> = configReader(
  () => ({
    ...PROJECT.sections(),
    ...RUN.sections(),
    ...IMAGE.sections(),
    ...APP.sections(),
    ...TESTING.sections(),
    ...QUALITY.sections(),
    stages: stages(STAGES),
    ...TERRAFORM.sections(),
    ...SECURITY.sections(),
    ...DEPLOY.sections(),
    ...REPORT.sections(),
    ...CUSTOM.sections(),
    ...RESULTS.sections(),
  }),
  fits,
)

/** The settings of a project without slipway.yaml, the reader of the file, and its JSON Schema. */
export const { defaultConfig, parseConfig, jsonSchema } = reader
