/** What must hold before a change is sent to AWS: each attempt of it, whoever repeats it. */
import type { Context } from "../ecs/context.ts"

interface Guard {
  /** @throws to send nothing. */
  readonly ask: (operation: string) => Promise<void>
  /** Lets changes through from now on, as long as the lease is held. */
  readonly open: (context: Context) => void
}

/** Returns a guard that lets no change through before the lease is held. */
export function guardOf(): Guard {
  let context: Context | null = null
  return {
    ask: async (operation) => {
      if (context === null) throw new Error(`${operation} without the lease`)
      await context.duty.changing()
    },
    open: (held) => {
      context = held
    },
  }
}
