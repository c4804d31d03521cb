import { execFile } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"

/** Returns the path of a command on the PATH, or null. */
export function findCommand(name: string, search: string, without = ""): string | null {
  const folders = search
    .split(path.delimiter)
    .filter((folder) => folder !== "" && path.resolve(folder) !== without)
  return folders.map((folder) => path.join(folder, name)).find(isExecutable) ?? null
}

function isExecutable(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.X_OK)
    return fs.statSync(file).isFile()
  } catch {
    return false
  }
}

/** What a command printed; `code` is null where it was ended by a signal or did not start. */
export interface Answer {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  /** It took longer than {@link PATIENCE_SECONDS}. */
  readonly late: boolean
}

/** Seconds for a command to answer. */
export const PATIENCE_SECONDS = 3

/** Runs a command that answers at once, and returns what it printed. */
export function ask(file: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<Answer> {
  return new Promise((resolve) => {
    const options = { env, timeout: PATIENCE_SECONDS * 1000, killSignal: "SIGKILL" } as const
    const child = execFile(file, args, options, (error, stdout, stderr) =>
      resolve({ code: child.exitCode, stdout, stderr, late: error?.killed === true }),
    )
  })
}
