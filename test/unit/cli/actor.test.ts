import { execFileSync } from "node:child_process"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { afterAll, beforeAll, expect, test, vi } from "vitest"
import { runContext } from "../../../cli/request.js"

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "slipway-actor-"))
const git = (...args: readonly string[]) => execFileSync("git", ["-C", folder, ...args], { stdio: "ignore" })

beforeAll(() => {
  // What this machine's git knows is of somebody else.
  vi.stubEnv("GIT_CONFIG_GLOBAL", "/dev/null")
  vi.stubEnv("GIT_CONFIG_SYSTEM", "/dev/null")
  git("init", "--quiet")
  git(
    ...["-c", "user.name=Ada", "-c", "user.email=ada@example.org"],
    ...["commit", "--quiet", "--allow-empty", "--message", "by Ada"],
  )
})

afterAll(() => {
  vi.unstubAllEnvs()
  fs.rmSync(folder, { recursive: true, force: true })
})

test("a run on a laptop is of who runs it, and not of who wrote the commit", () => {
  expect(runContext(folder, {}).actor).toBe(os.userInfo().username)
  git("config", "user.email", "bob@example.org")
  expect(runContext(folder, {})).toMatchObject({ actor: "bob@example.org", vendor: null })
})
