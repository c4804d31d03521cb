import { commandScript, LOG_FILE, parseResult, RESULT_FILE } from "./command.js"
import { blotter } from "./scrub.js"
import type { Command, Ran } from "./stage.js"

/** Seconds that the engine gets for what lies around a command: images, mounts, services. */
const ENGINE_SECONDS = 900

/**
 * Runs a command as all stages do.
 *
 * @param hidden names of variables whose values are blotted out of what it prints, if the container has them.
 */
export async function runCommand(
  { container, steps, reports, secrets = {} }: Command,
  hidden: readonly string[] = [],
): Promise<Ran> {
  const seconds = steps.reduce((sum, step) => sum + step.timeout * (step.attempts ?? 1), ENGINE_SECONDS)
  const [script, names] = [commandScript(steps, reports), [...Object.keys(secrets), ...hidden]]
  const done = Object.entries(secrets)
    .reduce((made, [name, secret]) => made.withSecretVariable(name, secret), container)
    .withExec(["sh", "-c", names.length === 0 ? script : `${script}\n${blotter(names)}`])
  const text = await within(seconds, steps[0]?.name ?? "command", done.file(RESULT_FILE).contents())
  return { ...parseResult(text, steps), container: done, fullLog: done.file(LOG_FILE) }
}

/** Fails when the engine does not answer in time, so that a run always ends. */
export async function within<T>(seconds: number, what: string, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`${what}: no answer from the engine in ${seconds} s`)),
      seconds * 1000,
    )
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
