import { execFile } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { afterAll, beforeAll, expect, test } from "vitest"
import type { RunRecord } from "../../ci/src/run/result.js"
import { FAULT_CODES } from "../../cli/fault.js"
import { start } from "../../engine/control.js"
import {
  type Called,
  commitAll,
  edit,
  MODULE,
  medflowWith,
  nothingBut,
  stagesWith,
  temporary,
} from "../engine/support.js"
import { type HostState, hostState } from "../install/host.js"
import { type DockerDaemon, startDocker } from "./docker/daemon.js"

const IMAGE = "registry.dagger.io/engine:v0.21.8"
const ENGINE = "dagger-engine-v0.21.8"

/** Stages that run commands, need a database, and build images, on few base images. */
const project = medflowWith(nothingBut("types", "unit", "integration", "image", "format", "coverage"))

let before: HostState
let docker: DockerDaemon
let engineRoot = ""

beforeAll(async () => {
  commitAll(project)
  engineRoot = (await start()).engineRoot
  before = await hostState(engineRoot, "slipway-docker-")
  docker = await startDocker()
})
afterAll(() => docker.stop())

/** Runs a command in the project, on Docker alone. */
function onDocker(command: string, ...args: readonly string[]): Promise<Called> {
  const options = { cwd: project, env: docker.env, timeout: 14 * 60_000, maxBuffer: 1 << 28 }
  const begin = performance.now()
  return new Promise((resolve) => {
    const child = execFile(command, args, options, (error, stdout, stderr) => {
      const said = error === null ? stdout : stderr
      const seconds = (performance.now() - begin) / 1000
      resolve({ code: child.exitCode ?? 255, stdout, stderr, said, seconds })
    })
  })
}

const slipway = (...args: readonly string[]) => onDocker(path.join(MODULE, "slipway"), ...args)

const recordIn = (folder: string): RunRecord =>
  JSON.parse(fs.readFileSync(path.join(folder, "result.json"), "utf8"))

/** The record of the last check. */
const checked = () => recordIn(path.join(project, ".slipway"))

test("doctor misses the engine's image, and says how to make it", async () => {
  const { code, stdout } = await slipway("doctor")
  expect(stdout).toMatch(/✓ which +using the stock engine: because dagger v0\.21\.8 and docker 20\.10/)
  expect(stdout).toMatch(new RegExp(`! image +${IMAGE} is not there.*\\n.*slipway engine image --load`))
  expect(code).toBe(0)
})

test("engine image --load gives Docker the image that the dagger client looks for", async () => {
  const { code, stdout, stderr } = await slipway("engine", "image", "--load")
  expect(code, stderr).toBe(0)
  expect(stdout).toContain(`docker has ${IMAGE}`)
  expect((await slipway("doctor")).stdout).toMatch(new RegExp(`✓ image +${IMAGE}\n`))
})

test("plans and checks a project", async () => {
  const planned = await slipway("plan")
  expect(planned.code, planned.stderr).toBe(0)
  expect(planned.stdout).toMatch(/^ +test:integration:backend/m)
  const { code, stderr } = await slipway("ci")
  expect(code, stderr).toBe(0)
  expect(stderr).toMatch(/^using the stock engine: because dagger v0\.21\.8 and docker 20\.10/m)
  expect(stagesWith(checked(), ({ verdict }) => verdict !== "passed")).toEqual([])
  expect(checked().verdict).toBe("passed")
})

test("runs nothing again when nothing changed, and after the engine was killed", async () => {
  const cached = () => stagesWith(checked(), ({ cached }) => cached).length
  expect((await slipway("ci")).code).toBe(0)
  const all = cached()
  expect(all).toBeGreaterThan(8)
  await onDocker("docker", "kill", ENGINE)
  expect((await slipway("ci")).code).toBe(0)
  expect(cached()).toBe(all)
})

test("rehearses a deployment, and exports the report", async () => {
  const rehearsed = await slipway("rehearse", "--env", "staging", "--app")
  expect(rehearsed.code, rehearsed.stderr.slice(-3000)).toBe(0)
  expect(rehearsed.stdout).toMatch(/^SUCCEEDED +staging: [0-9a-f]{12} is live and proven good/m)
  const folder = temporary("report")
  expect((await slipway("report", "export", "--path", folder)).code).toBe(0)
  expect(recordIn(folder).verdict).toBe("passed")
  expect(fs.existsSync(path.join(folder, "report.html"))).toBe(true)
})

test("ends a run within seconds when its engine is killed", async () => {
  edit(project, "backend/package.json", (text) => text.replace(/"test:unit": "/, "$&sleep 60 && "))
  const run = slipway("ci")
  await sleep(15_000)
  await onDocker("docker", "kill", ENGINE)
  const { code, stderr, seconds } = await run
  expect(code, stderr).toBe(FAULT_CODES["engine-lost"].code)
  expect(stderr).toContain(`docker logs ${ENGINE}`)
  expect(seconds).toBeLessThan(40)
})

test("uses the embedded engine once Docker is away, and leaves the host as it was", async () => {
  await docker.stop()
  const { stdout } = await slipway("doctor")
  expect(stdout).toMatch(
    /! which +using the embedded engine: because docker is installed, but does not answer: Cannot connect/,
  )
  expect(docker.groups()).toEqual([])
  expect(await hostState(engineRoot, "slipway-docker-")).toEqual(before)
})
