import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { afterAll, expect, test } from "vitest"
import { containerWatch } from "../../../engine/watch.js"

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "slipway-watch-"))
afterAll(() => fs.rmSync(folder, { recursive: true }))

test("an engine in a container lives from its start until that container stops, or starts again", async () => {
  const state = path.join(folder, "state")
  const docker = path.join(folder, "docker")
  fs.writeFileSync(docker, `#!/bin/sh\n[ "$4" = dagger-engine-v1 ] && cat ${state}\n`, { mode: 0o755 })
  const watch = () => containerWatch(docker, "registry.example.org/engine:v1", process.env)
  const is = (text: string) => fs.writeFileSync(state, text)

  const first = watch()
  expect(await first.lives()).toBe(true)
  is("false 2026-01-01T00:00:00Z\n")
  expect(await first.lives()).toBe(true)
  is("true 2026-01-01T00:00:01Z\n")
  expect(await first.lives()).toBe(true)
  is("true 2026-01-01T00:00:02Z\n")
  expect(await first.lives()).toBe(false)

  const second = watch()
  expect(await second.lives()).toBe(true)
  is("false 2026-01-01T00:00:02Z\n")
  expect(await second.lives()).toBe(false)
  fs.rmSync(state)
  expect(await second.lives()).toBe(false)
})
