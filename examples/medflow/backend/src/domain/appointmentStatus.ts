export const STATUSES = ["booked", "checked-in", "completed", "cancelled", "no-show"] as const
export type Status = (typeof STATUSES)[number]

const NEXT: Record<Status, readonly Status[]> = {
  booked: ["checked-in", "cancelled", "no-show"],
  "checked-in": ["completed", "cancelled"],
  completed: [],
  cancelled: [],
  "no-show": [],
}

/** A patient who may still be on the way is not a no-show. */
const GRACE_MINUTES = 15

export function canBecome(from: Status, to: Status, startsAt: Date, now: Date): boolean {
  if (!NEXT[from].includes(to)) return false
  const late = (now.getTime() - startsAt.getTime()) / 60_000
  return to === "no-show" ? late >= GRACE_MINUTES : true
}
