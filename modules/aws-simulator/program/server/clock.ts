/**
 * Virtual time. It stands still while anybody works and leaps to the next thing that somebody waits for when all
 * of them sleep: an hour of waiting takes no time, and the order of events is always the same.
 */

export interface Clock {
  /** Virtual milliseconds since 1970. */
  readonly now: () => number
  /** Ends when the virtual time has come. Whoever goes away meanwhile sleeps no longer, and stops nobody. */
  readonly sleep: (participant: string, milliseconds: number, from: Line) => Promise<void>
  /**
   * From now on time waits for this participant, too, until its connection is closed.
   *
   * @param timeout Milliseconds of real time after which it counts as gone if nothing was heard of it, in place of
   *   the end of its connection.
   */
  readonly join: (participant: string, from: Line, timeout?: number) => void
  /** A connection was closed: whoever spoke over it last, and is awake, has died. */
  readonly disconnected: (connection: number) => void
  readonly leave: (participant: string) => void
  /** It is still there. */
  readonly heard: (participant: string) => void
  readonly participants: () => readonly string[]
  /** Time stands still until the returned function is called: for what runs in real time. */
  readonly hold: () => () => void
  readonly close: () => void
}

/** How a participant speaks to the clock. */
export interface Line {
  readonly connection: number
  /** Aborted when the answer can no longer be delivered. */
  readonly gone: AbortSignal
}

interface Participant {
  readonly timeout: number
  /** Null: connections come and go. */
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
  /** Null: virtual time. Else real time, so many times faster. */
  readonly factor: number | null
  /** The next moment that must not be leapt over; null: none. */
  readonly nextStop: () => number | null
  readonly moved: (now: number) => void
}

/** Real milliseconds after which a participant that neither sleeps nor is heard of counts as dead. */
const SILENCE = 60_000

/** Real milliseconds between two looks for the dead. */
const LOOK = 500

export const startClock = (settings: ClockSettings): Clock =>
  settings.factor === null ? virtual(settings) : real(settings, settings.factor)

function virtual({ start, nextStop, moved }: ClockSettings): Clock {
  const participants = new Map<string, Participant>()
  let sleepers: readonly Sleeper[] = []
  let now = start
  let held = 0

  const everybodySleeps = (): boolean =>
    held === 0 && [...participants.values()].every(({ asleep }) => asleep > 0)

  function leap(): void {
    while (sleepers.length > 0 && everybodySleeps()) {
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

  function buryTheDead(): void {
    for (const [name, { asleep, heardAt, timeout }] of participants) {
      if (asleep === 0 && Date.now() - heardAt > timeout) leave(name)
    }
  }

  const watch = setInterval(buryTheDead, LOOK)
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

/** Real milliseconds between two looks at what has happened meanwhile. */
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
