import { ask } from "./commands.js"
import { answers } from "./running.js"

/** How to see, while a client runs, that its engine is there: the client itself would not notice for many minutes. */
export interface Watch {
  readonly lives: () => Promise<boolean>
  /** Seconds between two looks. */
  readonly every: number
  /** The command that shows the engine's log. */
  readonly log: string
}

/** Watches an engine by its Unix socket. */
export const socketWatch = (socket: string): Watch => ({
  lives: () => answers(socket),
  every: 1,
  log: "slipway engine logs",
})

/**
 * Watches an engine by its container, which the dagger client starts, and names after the tag of its image. One that was
 * started again is another engine.
 */
export function containerWatch(command: string, image: string, env: NodeJS.ProcessEnv): Watch {
  const container = `dagger-engine-${image.split(":").at(-1)}`
  const format = "{{.State.Running}} {{.State.StartedAt}}"
  let first: string | null = null
  return {
    async lives() {
      const { stdout, late } = await ask(command, ["inspect", "--format", format, container], env)
      // A busy daemon answers late; one that is gone refuses at once.
      if (late) return true
      const running = stdout.startsWith("true ")
      if (first === null && running) first = stdout
      return first === null || first === stdout
    },
    every: 3,
    log: `${command} logs ${container}`,
  }
}
