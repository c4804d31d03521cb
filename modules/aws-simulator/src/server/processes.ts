/** Runs the commands of one-off tasks for real: migrations against a real database. */
import { spawn } from "node:child_process"
import { taskEnded } from "../ecs/tasks.ts"
import { type Fields, records, textOr, texts } from "../fields.ts"
import { append } from "../logs.ts"
import type { State, Task } from "../state.ts"
import type { Rehearsal } from "./rehearsal.ts"

const started = new WeakMap<Rehearsal, Set<string>>()

const environmentOf = (container: Fields): Readonly<Record<string, string>> =>
  Object.fromEntries(
    records(container, "environment").map((entry) => [textOr(entry, "name", ""), textOr(entry, "value", "")]),
  )

interface Command {
  readonly container: string
  readonly words: readonly string[]
  readonly environment: Readonly<Record<string, string>>
}

/** The command of the task's first essential container, with what RunTask overrides. */
function commandOf(state: State, task: Task): Command | null {
  const definition = state.taskDefinitions.find(({ arn }) => arn === task.taskDefinition)
  const [container] = records(definition?.registered ?? {}, "containerDefinitions")
  if (container === undefined) return null
  const name = textOr(container, "name", "")
  const override = records(task.overrides, "containerOverrides").find((entry) => entry.name === name) ?? {}
  const command =
    texts(override, "command").length > 0 ? texts(override, "command") : texts(container, "command")
  const words = [...texts(container, "entryPoint"), ...command]
  const environment = { ...environmentOf(container), ...environmentOf(override) }
  return words.length === 0 ? null : { container: name, words, environment }
}

/** Exit code of a shell that does not find the command. */
const NOT_FOUND = 127

function run(state: State, task: Task, folder: string, rehearsal: Rehearsal): void {
  const command = commandOf(state, task)
  const finish = (exitCode: number, output: string, container: string): void => {
    const now = rehearsal.look()
    rehearsal.become(taskEnded(append(now, task, container, output), task.id, exitCode))
    rehearsal.look()
  }
  if (command === null) {
    finish(NOT_FOUND, "The task definition has no command.", "")
    return
  }
  const release = rehearsal.clock.hold()
  const [program = "", ...rest] = command.words
  const child = spawn(program, rest, { cwd: folder, env: { ...process.env, ...command.environment } })
  const output: string[] = []
  child.stdout.on("data", (chunk) => output.push(String(chunk)))
  child.stderr.on("data", (chunk) => output.push(String(chunk)))
  const end = (exitCode: number): void => {
    finish(exitCode, output.join(""), command.container)
    release()
  }
  child.once("error", (error) => {
    output.push(error.message)
    end(NOT_FOUND)
  })
  child.once("exit", (code, signal) => {
    if (child.pid !== undefined) end(code ?? (signal === "SIGKILL" ? 137 : 143))
  })
}

/** Starts the command of every task that has come to run and whose command shall run for real. */
export function runCommands(state: State, rehearsal: Rehearsal): void {
  const { exec } = state.scenario.runTask
  if (exec === null) return
  const before = started.get(rehearsal) ?? new Set<string>()
  started.set(rehearsal, before)
  const due = state.tasks.filter((task) => task.executes && task.status === "RUNNING" && !before.has(task.id))
  for (const task of due) {
    before.add(task.id)
    run(state, task, exec.folder, rehearsal)
  }
}
