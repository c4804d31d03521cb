/** Really runs the commands of one-off tasks, for example migrations against a database. */
import { type ChildProcess, spawn } from "node:child_process"
import { writeFileSync } from "node:fs"
import { taskEnded } from "../ecs/tasks.ts"
import { type Fields, records, textOr, texts } from "../fields.ts"
import { append } from "../logs.ts"
import type { State, Task } from "../state.ts"
import type { Clock } from "./clock.ts"

/** What commands need of the rehearsal that they run in. */
export interface CommandHost {
  readonly clock: Pick<Clock, "hold">
  /** Returns the state at this moment. */
  readonly look: () => State
  readonly become: (state: State) => void
  /** The commands by the id of their task; null once a command has ended. */
  readonly processes: Map<string, ChildProcess | null>
}

interface Command {
  readonly container: string
  readonly words: readonly string[]
  readonly environment: Readonly<Record<string, string>>
}

const environmentOf = (container: Fields): Readonly<Record<string, string>> =>
  Object.fromEntries(
    records(container, "environment").map((entry) => [textOr(entry, "name", ""), textOr(entry, "value", "")]),
  )

/** Returns the command of the task's first container, with the overrides of RunTask. */
function commandOf(state: State, task: Task): Command | null {
  const definition = state.taskDefinitions.find(({ arn }) => arn === task.taskDefinition)
  const [container] = records(definition?.registered ?? {}, "containerDefinitions")
  if (container === undefined) return null
  const name = textOr(container, "name", "")
  const override = records(task.overrides, "containerOverrides").find((entry) => entry.name === name) ?? {}
  const overridden = texts(override, "command")
  const words = [
    ...texts(container, "entryPoint"),
    ...(overridden.length > 0 ? overridden : texts(container, "command")),
  ]
  const environment = { ...environmentOf(container), ...environmentOf(override) }
  return words.length === 0 ? null : { container: name, words, environment }
}

/** Exit codes of shells: command not found, ended by SIGKILL, ended by SIGTERM. */
const NOT_FOUND = 127
const KILLED = 137
const TERMINATED = 143

interface Ended {
  readonly exitCode: number
  readonly output: string
}

/** Starts a command and reports its end. It inherits the simulator's environment, which has its secrets. */
function start({ words, environment }: Command, folder: string, ended: (how: Ended) => void): ChildProcess {
  const [program = "", ...rest] = words
  const child = spawn(program, rest, { cwd: folder, env: { ...process.env, ...environment } })
  const output: string[] = []
  child.stdout.on("data", (chunk) => output.push(String(chunk)))
  child.stderr.on("data", (chunk) => output.push(String(chunk)))
  child.once("error", (error) => ended({ exitCode: NOT_FOUND, output: error.message }))
  child.once("close", (code, signal) => {
    if (child.pid === undefined) return
    ended({ exitCode: code ?? (signal === "SIGKILL" ? KILLED : TERMINATED), output: output.join("") })
  })
  return child
}

function run(state: State, task: Task, folder: string, host: CommandHost): void {
  const command = commandOf(state, task)
  const finish = ({ exitCode, output }: Ended): void => {
    const now = host.look()
    if (exitCode === 0 && state.world.taskDone !== null) writeFileSync(state.world.taskDone, "")
    host.become(taskEnded(append(now, task, command?.container ?? "", output), task.id, exitCode))
    host.look()
  }
  host.processes.set(task.id, null)
  if (command === null) {
    finish({ exitCode: NOT_FOUND, output: "The task definition has no command." })
    return
  }
  const release = host.clock.hold()
  const child = start(command, folder, (how) => {
    host.processes.set(task.id, null)
    finish(how)
    release()
  })
  host.processes.set(task.id, child)
}

/** Starts the commands of new running tasks, and stops those of tasks that must stop. */
export function runCommands(state: State, host: CommandHost): void {
  const { exec } = state.scenario.runTask
  if (exec === null) return
  for (const task of state.tasks.filter(({ executes }) => executes)) {
    const isNew = !host.processes.has(task.id)
    if (isNew && task.status === "RUNNING") run(state, task, exec.folder, host)
    if (task.wanted === "STOPPED") host.processes.get(task.id)?.kill("SIGTERM")
  }
}

/** Ends all running commands. */
export function endCommands({ processes }: CommandHost): void {
  for (const child of processes.values()) child?.kill("SIGKILL")
}
