/** The mutable part of a simulator: state, clock and records. */
import { isDeepStrictEqual } from "node:util"
import { advance, nextDue } from "../advance.ts"
import { begin } from "../begin.ts"
import type { Fields } from "../fields.ts"
import { type Scenario, SUCCESS } from "../scenario.ts"
import type { State } from "../state.ts"
import type { World } from "../world.ts"
import { type Clock, startClock } from "./clock.ts"
import { type CommandHost, runCommands } from "./processes.ts"

interface JournalEntry {
  /** Virtual time, ISO 8601. */
  readonly at: string
  readonly principal: string
  readonly service: string
  readonly operation: string
  readonly parameters: Fields
  /** `ok`, or the code of the error. */
  readonly result: string
}

/** A message that a channel received. */
export interface Notification {
  readonly at: string
  /** Below /_simulator/notifications. */
  readonly path: string
  readonly body: string
}

/** One account in one scenario, from its start to its end. */
export interface Rehearsal extends CommandHost {
  readonly clock: Clock
  readonly journal: JournalEntry[]
  readonly notifications: Notification[]
  /** Counts calls, for settings such as `throttleOneIn`. */
  readonly count: () => number
}

/** Applies the world's `tasksIn`, unless the scenario sets `runTask`. */
function withCommands(world: World, scenario: Scenario): Scenario {
  const silent = isDeepStrictEqual(scenario.runTask, SUCCESS.runTask)
  if (world.tasksIn === null || !silent) return scenario
  return { ...scenario, runTask: { ...scenario.runTask, exec: { folder: world.tasksIn } } }
}

/** Starts a rehearsal: its clock, its state, and the commands of its tasks. */
export function startRehearsal(world: World, original: Scenario): Rehearsal {
  const scenario = withCommands(world, original)
  const start = scenario.clock.start === null ? Date.now() : Date.parse(scenario.clock.start)
  let state = begin(world, scenario, start)
  let calls = 0
  const clock = startClock({
    start,
    factor: scenario.clock.factor,
    nextStop: () =>
      state.tasks.some(({ executes, stoppedAt }) => executes && stoppedAt === null) ? nextDue(state) : null,
    moved: () => look(),
  })
  const become = (after: State): void => {
    state = after
  }
  const look = (): State => {
    become(advance(state, clock.now()))
    runCommands(state, rehearsal)
    return state
  }
  const rehearsal: Rehearsal = {
    clock,
    look,
    become,
    journal: [],
    notifications: [],
    processes: new Map(),
    count: () => {
      calls += 1
      return calls
    },
  }
  return rehearsal
}
