import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { afterEach, beforeEach, vi } from "vitest"

/** Gives each test an empty state folder (`SLIPWAY_HOME`). Returns a function that names the current one. */
export function emptyStateFolder(): () => string {
  let folder = ""
  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "slipway-home-"))
    vi.stubEnv("SLIPWAY_HOME", folder)
  })
  afterEach(() => {
    vi.unstubAllEnvs()
    fs.rmSync(folder, { recursive: true, force: true })
  })
  return () => folder
}
