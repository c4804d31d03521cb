/** How often a message or a call is sent until it arrives, and how long an answer may take, in milliseconds. */
export const PACES = {
  patient: { attempts: 3, timeout: 10_000 },
  /** Within seconds, or not at all. */
  quick: { attempts: 1, timeout: 3_000 },
} as const
export type Pace = keyof typeof PACES
