/** Checks each attempt of a change before it is sent to AWS, also those that the SDK repeats. */
import type { BeforeChange } from "../aws/clients.ts"
import { beforeChange } from "../core/change.ts"
import type { Context } from "../ecs/context.ts"

interface Guard {
  /** @throws to send nothing. */
  readonly ask: BeforeChange
  /** Lets changes through from now on, as long as the lease is held. */
  readonly open: (context: Context) => void
}

/** Parameters that say what a call changes. */
const NAMES = [
  ...["service", "taskDefinition", "family", "serviceDeploymentArn", "action", "stopType"],
  ...["DBInstanceIdentifier", "DBSnapshotIdentifier", "MetricName"],
]

const named = (input: object): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(input).flatMap(([name, value]) =>
      NAMES.includes(name) && typeof value === "string" ? [[name, value]] : [],
    ),
  )

/** Returns a guard that lets no change through before the lease is held. */
export function guardOf(): Guard {
  let context: Context | null = null
  return {
    ask: async (operation, input) => {
      if (context === null) throw new Error(`${operation} without the lease`)
      await beforeChange(context, { operation, on: named(input) })
    },
    open: (held) => {
      context = held
    },
  }
}
