/**
 * Virtual time. It stands still while any participant works. Once all sleep, it leaps to the next due event: an hour of
 * waiting takes no time, and the order of events is always the same.
 */

export interface Clock {
  /** Virtual milliseconds since 1970. */
  readonly now: () => number
  /** Resolves at the virtual time. A participant that disconnects stops sleeping and leaves. */
  readonly sleep: (participant: string, milliseconds: number, from: Line) => Promise<void>
  /**
   * Adds a participant until its connection is closed.
   *
   * @param timeout real milliseconds of silence after which it has left, instead of a closed connection.
   */
  readonly join: (participant: string, from: Line, timeout?: number) => void
  /** Removes the participant that last used a closed connection, unless it sleeps. */
  readonly disconnected: (connection: number) => void
  readonly leave: (participant: string) => void
  /** Notes a sign of life. */
  readonly heard: (participant: string) => void
  readonly participants: () => readonly string[]
  /** Stops time until the returned function is called, for processes in real time. */
  readonly hold: () => () => void
  readonly close: () => void
}

/** The connection of a participant. */
export interface Line {
  readonly connection: number
  /** Aborted when the client has disconnected. */
  readonly gone: AbortSignal
}

interface Participant {
  readonly timeout: number
  /** Null: the participant has a timeout instead. */
  connection: number | null
  heardAt: number
  asleep: number
}

interface Sleeper {
  readonly due: number
  readonly wake: () => void
}

interface ClockSettings {
  readonly start: number
  /** Speed of a running clock; null: virtual time. */
  readonly factor: number | null
  /** Returns the next time that must not be skipped; null: none. */
  readonly nextStop: () => number | null
  readonly moved: (now: number) => void
}

/** Real milliseconds of silence after which an awake participant counts as dead. */
const SILENCE = 60_000

/** Real milliseconds between two checks for dead participants. */
const LOOK = 500

export const startClock = (settings: ClockSettings): Clock =>
  settings.factor === null ? virtual(settings) : real(settings, settings.factor)

function virtual({ start, nextStop, moved }: ClockSettings): Clock {
  const participants = new Map<string, Participant>()
  let sleepers: readonly Sleeper[] = []
  let now = start
  let held = 0

  const allSleep = (): boolean => held === 0 && [...participants.values()].every(({ asleep }) => asleep > 0)

  function leap(): void {
    while (sleepers.length > 0 && allSleep()) {
      const first = Math.min(...sleepers.map(({ due }) => due))
      now = Math.max(now, Math.min(first, nextStop() ?? first))
      moved(now)
      const woken = sleepers.filter(({ due }) => due <= now)
      sleepers = sleepers.filter(({ due }) => due > now)
      for (const { wake } of woken) wake()
    }
  }

  function join(name: string, from: Line, timeout: number | null = null): void {
    const asleep = participants.get(name)?.asleep ?? 0
    const connection = timeout === null ? from.connection : null
    participants.set(name, { timeout: timeout ?? SILENCE, connection, heardAt: Date.now(), asleep })
  }

  function leave(name: string): void {
    participants.delete(name)
    leap()
  }

  function heard(name: string): void {
    const participant = participants.get(name)
    if (participant !== undefined) participant.heardAt = Date.now()
  }

  function disconnected(closed: number): void {
    for (const [name, { connection, asleep }] of participants) {
      if (connection === closed && asleep === 0) leave(name)
    }
  }

  function sleep(name: string, milliseconds: number, from: Line): Promise<void> {
    if (!participants.has(name)) join(name, from)
    const participant = participants.get(name)
    if (participant !== undefined && participant.connection !== null) participant.connection = from.connection
    return new Promise((resolve) => {
      const wake = (): void => {
        if (participant !== undefined) participant.asleep -= 1
        heard(name)
        resolve()
      }
      const sleeper = { due: now + milliseconds, wake }
      from.gone.addEventListener("abort", () => {
        if (!sleepers.includes(sleeper)) return
        sleepers = sleepers.filter((other) => other !== sleeper)
        wake()
        leave(name)
      })
      if (participant !== undefined) participant.asleep += 1
      sleepers = [...sleepers, sleeper]
      leap()
    })
  }

  function hold(): () => void {
    held += 1
    return () => {
      held -= 1
      leap()
    }
  }

  function removeDead(): void {
    for (const [name, { asleep, heardAt, timeout }] of participants) {
      if (asleep === 0 && Date.now() - heardAt > timeout) leave(name)
    }
  }

  const watch = setInterval(removeDead, LOOK)
  watch.unref()
  return {
    now: () => now,
    sleep,
    join,
    leave,
    disconnected,
    heard,
    participants: () => [...participants.keys()],
    hold,
    close: () => clearInterval(watch),
  }
}

/** Real milliseconds between two updates of the state. */
const TICK = 50

function real({ start, moved }: ClockSettings, factor: number): Clock {
  const began = Date.now()
  const now = (): number => start + (Date.now() - began) * factor
  const tick = setInterval(() => moved(now()), TICK)
  tick.unref()
  return {
    now,
    sleep: (_name, milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds / factor)),
    join: () => {},
    leave: () => {},
    disconnected: () => {},
    heard: () => {},
    participants: () => [],
    hold: () => () => {},
    close: () => clearInterval(tick),
  }
}
