import { existsSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as ecs from "@aws-sdk/client-ecs"
import { expect, it, onTestFinished } from "vitest"
import { readScenario } from "../../../modules/aws-simulator/program/read-scenario.ts"
import type { Scenario } from "../../../modules/aws-simulator/program/scenario.ts"
import type { WorldContainer, WorldSettings } from "../../../modules/aws-simulator/program/world.ts"
import { networkConfiguration } from "./network.ts"
import { simulate, sleep } from "./rehearse.ts"

const cluster = "clinic"

const PROXY: WorldContainer = { name: "proxy", image: "proxy", command: [], environment: {} }

/** How often a task is polled. */
const LOOKS = 10

const CONTAINERS: readonly WorldContainer[] = [
  {
    name: "migrate",
    image: "clinic/api",
    command: ["sh", "-c", "echo applied $COUNT; exit 3"],
    environment: { COUNT: "2" },
  },
  PROXY,
]

/** Polls a one-off task every five seconds. @returns its statuses and its end. */
async function watch(scenario: Partial<Scenario>, world: Partial<WorldSettings> = {}) {
  const {
    ecs: client,
    url,
    rehearsal,
  } = await simulate(scenario, {
    taskDefinitions: [{ family: "clinic-migrate", containers: CONTAINERS }],
    ...world,
  })
  const run = new ecs.RunTaskCommand({
    cluster,
    taskDefinition: "clinic-migrate",
    networkConfiguration,
    clientToken: "abc",
  })
  const { tasks = [], failures } = await client.send(run)
  const again = await client.send(run)
  const seen: (string | undefined)[] = []
  let last = tasks[0]
  for (let count = 0; count < LOOKS && tasks.length > 0; count += 1) {
    const described = await client.send(
      new ecs.DescribeTasksCommand({ cluster, tasks: [tasks[0]?.taskArn ?? ""] }),
    )
    last = described.tasks?.[0]
    if (seen.at(-1) !== last?.lastStatus) seen.push(last?.lastStatus)
    await sleep(url, 5)
  }
  const exitCodes = last?.containers?.map(({ exitCode }) => exitCode)
  return {
    seen,
    exitCodes,
    stopCode: last?.stopCode,
    failures,
    same: again.tasks?.[0]?.taskArn === tasks[0]?.taskArn,
    log: rehearsal.look().logs.map(({ message }) => message),
  }
}

const UNTIL_RUNNING = ["PROVISIONING", "PENDING", "ACTIVATING", "RUNNING"]
const ENDED = "EssentialContainerExited"

it.each([
  ["success", [...UNTIL_RUNNING, "STOPPED"], [0, 0], ENDED],
  ["migration-fails", [...UNTIL_RUNNING, "STOPPED"], [1, 1], ENDED],
  ["migration-sidecar-fails", [...UNTIL_RUNNING, "STOPPED"], [0, 1], ENDED],
  ["migration-fast", ["STOPPED"], [0, 0], ENDED],
  ["migration-hangs", UNTIL_RUNNING, [undefined, undefined], undefined],
  ["migration-stuck", ["PROVISIONING"], [undefined, undefined], undefined],
])("%s: a one-off task has the statuses %j and exits with %j", async (name, seen, exitCodes, stopCode) => {
  expect(await watch(readScenario(name))).toMatchObject({ seen, exitCodes, stopCode, same: true })
})

it("migration-never-placed: RunTask returns the reason", async () => {
  const { failures, seen } = await watch(readScenario("migration-never-placed"))
  expect([failures?.map(({ reason }) => reason), seen]).toEqual([["RESOURCE:MEMORY"], []])
})

it("runs the task's command with exec, while virtual time stands still", async () => {
  const runTask = { ...readScenario("success").runTask, exec: { folder: "." } }
  const { seen, exitCodes, log } = await watch({ runTask })
  // The statuses between PROVISIONING and STOPPED depend on the speed of the command.
  expect([seen[0], seen.at(-1), exitCodes, log]).toEqual(["PROVISIONING", "STOPPED", [3, 3], ["applied 2"]])
})

it("runs the task's command with tasksIn", async () => {
  expect((await watch({}, { tasksIn: "." })).log).toEqual(["applied 2"])
})

it.each<[string, number, boolean]>([
  ["makes the file of taskDone once the command succeeded", 0, true],
  ["does not make it for a command that fails", 3, false],
])("%s", async (_what, code, made) => {
  const folder = mkdtempSync(join(tmpdir(), "slipway-task-done-"))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const taskDone = join(folder, "done")
  const containers = [{ ...PROXY, command: ["sh", "-c", `exit ${code}`] }]
  const taskDefinitions = [{ family: "clinic-migrate", containers }]
  const { exitCodes } = await watch({}, { tasksIn: ".", taskDone, taskDefinitions })
  expect([exitCodes, existsSync(taskDone)]).toEqual([[code], made])
})

it("prefers the scenario's runTask to tasksIn", async () => {
  expect((await watch(readScenario("migration-fails"), { tasksIn: "." })).log).not.toContain("applied 2")
})

it("ends the command of a stopped task", async () => {
  const runTask = { ...readScenario("success").runTask, exec: { folder: "." } }
  const command = ["sleep", "600"]
  const {
    ecs: client,
    url,
    rehearsal,
  } = await simulate(
    { runTask },
    { taskDefinitions: [{ family: "clinic-migrate", containers: [{ ...PROXY, command }] }] },
  )
  const { tasks } = await client.send(
    new ecs.RunTaskCommand({ cluster, taskDefinition: "clinic-migrate", networkConfiguration }),
  )
  const task = tasks?.[0]?.taskArn ?? ""
  const waits = sleep(url, 60)
  await expect.poll(() => [...rehearsal.processes.values()].map((child) => child?.killed)).toEqual([false])
  await client.send(new ecs.StopTaskCommand({ cluster, task }))
  await waits
  expect([...rehearsal.processes.values()]).toEqual([null])
  const { tasks: stopped } = await client.send(new ecs.DescribeTasksCommand({ cluster, tasks: [task] }))
  expect(stopped?.[0]).toMatchObject({ lastStatus: "STOPPED", stopCode: "UserInitiated" })
})

it("reports who stopped a task, and why", async () => {
  const { ecs: client, url } = await simulate(readScenario("migration-hangs"))
  const { tasks } = await client.send(
    new ecs.RunTaskCommand({ cluster, taskDefinition: "clinic-migrate", networkConfiguration }),
  )
  const task = tasks?.[0]?.taskArn ?? ""
  await sleep(url, 60)
  await client.send(new ecs.StopTaskCommand({ cluster, task, reason: "takes too long" }))
  await sleep(url, 60)
  const described = await client.send(new ecs.DescribeTasksCommand({ cluster, tasks: [task] }))
  expect(described.tasks?.[0]).toMatchObject({
    lastStatus: "STOPPED",
    stopCode: "UserInitiated",
    stoppedReason: "takes too long",
    containers: [{ exitCode: 143 }],
  })
})
