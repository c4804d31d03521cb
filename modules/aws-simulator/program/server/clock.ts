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

/** Starts a clock: virtual, or running at a multiple of real time. */
export const startClock = (settings: ClockSettings): Clock =>
  settings.factor === null ? virtual(settings) : real(settings, settings.factor)

function virtual({ start, nextStop, moved }: ClockSettings): Clock {
  const sleepers = new Set<Sleeper>()
  let now = start
  const members = new Members(leap)

  function leap(): void {
    while (sleepers.size > 0 && members.allSleep()) {
      const first = Math.min(...[...sleepers].map(({ due }) => due))
      now = Math.max(now, Math.min(first, nextStop() ?? first))
      moved(now)
      const woken = [...sleepers].filter(({ due }) => due <= now)
      for (const sleeper of woken) sleepers.delete(sleeper)
      for (const { wake } of woken) wake()
    }
  }

  function sleep(name: string, milliseconds: number, from: Line): Promise<void> {
    return new Promise((resolve) => {
      const wakeUp = members.fallAsleep(name, from)
      const wake = (): void => {
        wakeUp()
        resolve()
      }
      const sleeper = { due: now + milliseconds, wake }
      from.gone.addEventListener("abort", () => {
        if (!sleepers.delete(sleeper)) return
        wake()
        members.leave(name)
      })
      sleepers.add(sleeper)
      leap()
    })
  }

  const { join, leave, disconnected, heard, participants, hold, close } = members
  return { now: () => now, sleep, join, leave, disconnected, heard, participants, hold, close }
}

/** Who takes part in virtual time, and who of them sleeps. */
class Members {
  readonly #known = new Map<string, Participant>()
  readonly #changed: () => void
  readonly #watch: NodeJS.Timeout
  #held = 0

  /** @param changed is called when one has left, and when time is no longer held. */
  constructor(changed: () => void) {
    this.#changed = changed
    this.#watch = setInterval(
      () => this.#remove(({ heardAt, timeout }) => Date.now() - heardAt > timeout),
      LOOK,
    )
    this.#watch.unref()
  }

  #remove(isGone: (participant: Participant) => boolean): void {
    for (const [name, participant] of this.#known)
      if (participant.asleep === 0 && isGone(participant)) this.leave(name)
  }

  #add(name: string, from: Line, timeout: number | null): Participant {
    const asleep = this.#known.get(name)?.asleep ?? 0
    const connection = timeout === null ? from.connection : null
    const added = { timeout: timeout ?? SILENCE, connection, heardAt: Date.now(), asleep }
    this.#known.set(name, added)
    return added
  }

  /** Lets a participant sleep, which joins if it is new. Returns what wakes it. */
  fallAsleep(name: string, from: Line): () => void {
    const participant = this.#known.get(name) ?? this.#add(name, from, null)
    if (participant.connection !== null) participant.connection = from.connection
    participant.asleep += 1
    return () => {
      participant.asleep -= 1
      this.heard(name)
    }
  }

  allSleep(): boolean {
    return this.#held === 0 && [...this.#known.values()].every(({ asleep }) => asleep > 0)
  }

  readonly join = (name: string, from: Line, timeout?: number): void => {
    this.#add(name, from, timeout ?? null)
  }

  readonly leave = (name: string): void => {
    this.#known.delete(name)
    this.#changed()
  }

  readonly heard = (name: string): void => {
    const participant = this.#known.get(name)
    if (participant !== undefined) participant.heardAt = Date.now()
  }

  readonly disconnected = (closed: number): void => this.#remove(({ connection }) => connection === closed)

  readonly participants = (): readonly string[] => [...this.#known.keys()]

  readonly hold = (): (() => void) => {
    this.#held += 1
    return () => {
      this.#held -= 1
      this.#changed()
    }
  }

  readonly close = (): void => clearInterval(this.#watch)
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
