/** Reads from Terraform's output who holds a state's lock. */
export interface Lock {
  readonly id: string
  readonly path: string
  readonly operation: string
  readonly who: string
  /** Milliseconds since the epoch; null if unknown. */
  readonly since: number | null
}

/** Returns the lock that Terraform could not acquire; null if that was not the error. */
export function readLock(log: string): Lock | null {
  if (!/Error acquiring the state lock/.test(log)) return null
  const field = (name: string) => new RegExp(`^[\\s│]*${name}:[ \\t]*(.*?)\\s*$`, "m").exec(log)?.[1] ?? ""
  const created = Date.parse(
    field("Created")
      .replace(/^(\S+ \S+) \+0000 UTC$/, "$1Z")
      .replace(" ", "T"),
  )
  return {
    id: field("ID"),
    path: field("Path"),
    operation: field("Operation")
      .replace(/^OperationType/, "")
      .toLowerCase(),
    who: field("Who"),
    since: Number.isNaN(created) ? null : created,
  }
}

/** Describes a lock: who holds it, since when, and what to do. */
export function lockText(
  { id, path, operation, who, since }: Lock,
  now: number,
): { what: string; fix: string } {
  const age = since === null ? "" : ` for ${ageOf(now - since)}`
  const state = path === "" ? "the state" : `the state ${path}`
  const reason = operation === "" ? "" : ` (${operation})`
  return {
    what: `${state} is locked by ${who || "somebody"}${age}${reason}`,
    fix: `wait until it is free, and run this again. If that run is certainly dead, release the lock by hand: \`terraform force-unlock ${id}\``,
  }
}

/** `3 s`, `12 min`, `5 h`, `2 days` */
export function ageOf(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000))
  if (seconds < 120) return `${seconds} s`
  const minutes = Math.round(seconds / 60)
  if (minutes < 120) return `${minutes} min`
  const hours = Math.round(minutes / 60)
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} days`
}
