import { spawn } from "node:child_process"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { fileURLToPath } from "node:url"
import { afterEach, describe, expect, test } from "vitest"
import type { Fault } from "../../../ci/src/run/fault.js"
import { judgeDrift, NEVER, readSightings } from "../../../ci/src/terraform/drift.js"
import { ageOf, readLock } from "../../../ci/src/terraform/lock.js"
import type { Change } from "../../../ci/src/terraform/plan-json.js"
import { readPlan } from "../../../ci/src/terraform/plan-json.js"
import { refusal } from "../../../ci/src/terraform/refusal.js"
import { driftMarkdown } from "../../../ci/src/terraform/summary.js"
import { sample } from "../testdata.js"

/** As Terraform 1.11.4 says it while another of it applies. */
const LOCKED = `
Error: Error acquiring the state lock

Error message: resource temporarily unavailable
Lock Info:
  ID:        44006901-4536-6c5e-d207-9755193eacac
  Path:      terraform.tfstate
  Operation: OperationTypeApply
  Who:       root@vm
  Version:   1.11.4
  Created:   2026-11-26 14:48:00.345674855 +0000 UTC
  Info:      


Terraform acquires a state lock to protect the state from being written
by multiple users at the same time.
`

describe("a lock that another holds", () => {
  test.each([
    ["plainly", LOCKED],
    [
      "in a box",
      LOCKED.split("\n")
        .map((line) => `│ ${line}`)
        .join("\n"),
    ],
  ])("is read %s", (_how, log) => {
    expect(readLock(log)).toEqual({
      id: "44006901-4536-6c5e-d207-9755193eacac",
      path: "terraform.tfstate",
      operation: "apply",
      who: "root@vm",
      since: Date.parse("2026-11-26T14:48:00.345Z"),
    })
  })

  test("is told with its owner and age, and never forced", () => {
    const fault = refusal("apply", "apply", LOCKED, Date.parse("2026-11-26T15:00:00Z"))
    expect(fault.code).toBe("locked")
    expect(fault.what).toBe("the state terraform.tfstate is locked by root@vm for 12 min (apply)")
    expect(fault.fix).toContain("terraform force-unlock 44006901-4536-6c5e-d207-9755193eacac`")
  })
})

test.each([
  [5_000, "5 s"],
  [720_000, "12 min"],
  [5 * 3_600_000, "5 h"],
  [80 * 3_600_000, "3 days"],
])("%i ms are %s", (milliseconds, said) => {
  expect(ageOf(milliseconds)).toBe(said)
})

describe("a step that failed", () => {
  const code = (log: string): Fault["code"] => refusal("apply", "apply", log, 0).code
  test.each([
    ["Error: Saved plan is stale\n\nThe given plan file can no longer be applied", "stale"],
    ["Error: No valid credential sources found\n\nPlease see", "token"],
    ["Error: Failed to query available provider packages\n\nCould not retrieve the list", "download"],
    ["Error: creating RDS DB Instance (x): InvalidParameterValue", "failed"],
  ])("%j is %s", (log, expected) => {
    expect(code(log)).toBe(expected)
  })
})

describe("drift", () => {
  const now = "2026-11-26T12:00:00.000Z"
  const settings = { elsewhere: { aws_lb: ["tags.*"] }, sightings: 2, before: NEVER, now }
  const drifted = (type: string, ...paths: readonly string[]): Change => ({
    address: `${type}.a`,
    type,
    name: "a",
    action: "update",
    reason: null,
    forces: [],
    differences: paths.map((path) => ({ path, before: 1, after: 2 })),
    after: {},
  })

  test("is what a resource that others deleted comes to", () => {
    const { drift } = readPlan(sample("terraform/drift.json"))
    const { outcome, drifted } = judgeDrift(drift, settings)
    expect(outcome).toBe("seen")
    expect(drifted).toMatchObject([
      { address: "local_file.note", action: "delete", sightings: 1, alert: false },
    ])
    expect(driftMarkdown(judgeDrift(drift, settings), Date.parse(now))).toContain("`local_file.note` is gone")
    expect(JSON.stringify(drift)).not.toContain("hunter2")
  })

  test("is none where others own what changed, which is listed", () => {
    const { outcome, elsewhere } = judgeDrift(
      [
        drifted("aws_ecs_service", "task_definition", "desired_count"),
        drifted("aws_lb_listener", "default_action.0.forward.0.target_group.0.weight"),
        drifted("aws_lb", "tags.team"),
      ],
      settings,
    )
    expect(outcome).toBe("none")
    expect(elsewhere.map(({ paths }) => paths)).toEqual([
      ["task_definition", "desired_count"],
      ["default_action.0.forward.0.target_group.0.weight"],
      ["tags.team"],
    ])
  })

  test("beside what others own is drift of the rest alone", () => {
    const { drifted: found } = judgeDrift(
      [drifted("aws_ecs_service", "desired_count", "network_configuration.0.assign_public_ip")],
      settings,
    )
    expect(found[0]?.differences.map(({ path }) => path)).toEqual([
      "network_configuration.0.assign_public_ip",
    ])
  })

  test("is an alert when it was seen often enough in a row", () => {
    const look = (changes: readonly Change[], before: string | null, at: string) =>
      judgeDrift(changes, { ...settings, before: readSightings(before), now: at })
    const out = (drift: ReturnType<typeof look>) => JSON.stringify(drift.sightings)
    const lb = drifted("aws_lb", "idle_timeout")
    const first = look([lb], null, now)
    const second = look([lb], out(first), "2026-11-27T12:00:00.000Z")
    expect([first.outcome, second.outcome]).toEqual(["seen", "alert"])
    expect(second.drifted[0]).toMatchObject({ sightings: 2, since: now, alert: true })
    const gone = look([], out(second), now)
    expect(look([lb], out(gone), now).outcome).toBe("seen")
  })

  test("refuses a file that is not sightings", () => {
    expect(() => readSightings('{"a":1}')).toThrow(/--sightings/)
  })
})

describe("a command that is told to stop", { timeout: 30_000 }, () => {
  const file = fileURLToPath(new URL("../../../ci/src/terraform/supervise.ts", import.meta.url))
  /** Says what it is told, and ends at the first SIGTERM with 7 after a moment; at a second one with 9 at once. */
  const child = `let n = 0
process.on("SIGTERM", () => { n++; console.log("told", n); if (n > 1) process.exit(9); setTimeout(() => process.exit(7), 300) })
console.log("up"); setInterval(() => {}, 1000)`
  const flag = path.join(os.tmpdir(), `slipway-flag-${process.pid}`)
  afterEach(() => fs.rmSync(flag, { force: true }))
  const node = [process.execPath, "-e", child]
  const run = (seconds: number, tell: (pid: number) => void, command = node): Promise<string> =>
    new Promise((resolve) => {
      const esbuild = path.join(path.dirname(file), "../../../node_modules/esbuild/lib/main.js")
      const script = `const { transformSync } = require(${JSON.stringify(esbuild)})
const { code } = transformSync(require("fs").readFileSync(${JSON.stringify(file)}, "utf8"), { loader: "ts", format: "cjs" })
const m = { exports: {} }; new Function("module", "exports", "require", code)(m, m.exports, require)
m.exports.supervise(${JSON.stringify(command)}, ${seconds}, ${JSON.stringify(flag)}).then((r) => console.log(JSON.stringify(r)))`
      const started = spawn(process.execPath, ["-e", script], { detached: true })
      let said = ""
      started.stdout.on("data", (data) => {
        said += data
        if (String(data).includes("up") && started.pid !== undefined) tell(started.pid)
      })
      started.on("close", () => resolve(said))
    })

  test("by its whole group hears it once, and is waited for", async () => {
    const group = (pid: number) => {
      process.kill(-pid, "SIGTERM")
      process.kill(pid, "SIGINT")
    }
    expect(await run(60, group)).toBe('up\ntold 1\n{"code":7,"stopped":true}\n')
  })

  test("by a file, as an engine hands no signals on, hears it as well", async () => {
    expect(await run(60, () => fs.writeFileSync(flag, ""))).toBe('up\ntold 1\n{"code":7,"stopped":true}\n')
  })

  test("by its time hears it as well", async () => {
    const shell = 'trap "echo told; exit 7" TERM; echo up; while :; do sleep 0.1; done'
    expect(await run(2, () => {}, ["sh", "-c", shell])).toBe('up\ntold\n{"code":7,"stopped":true}\n')
  })
})
