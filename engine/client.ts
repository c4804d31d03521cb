import * as path from "node:path"
import { layout } from "./layout.js"
import type { Parts } from "./parts.js"

/** The environment in which a Dagger client talks to the embedded engine. */
export function clientEnvironment(parts: Parts): Record<string, string> {
  return {
    _EXPERIMENTAL_DAGGER_RUNNER_HOST: `unix://${layout().socket}`,
    _EXPERIMENTAL_DAGGER_CLI_BIN: path.join(parts.bin, "dagger"),
    DAGGER_NO_NAG: "1",
    DO_NOT_TRACK: "1",
  }
}
