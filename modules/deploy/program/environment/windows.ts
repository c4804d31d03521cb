/** When nothing is deployed. This file and its copy differ in their imports alone. */
import * as z from "zod/mini"
import { about, keyed, text } from "./parts.ts"

const clockTime = () => text('a time such as "18:30"', /^([01]\d|2[0-3]):[0-5]\d$|^24:00$/)
/** The days of a week, as windows name them. */
export const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const
const why = () => z._default(z.string("text"), "a freeze window")

/** A window: every week, or once. */
const window = () =>
  z.union(
    [
      keyed({
        days: z
          .array(z.enum(DAYS, DAYS.join(", ")), "a list of days")
          .check(z.minLength(1, "at least one day")),
        from: z._default(clockTime(), "00:00"),
        to: about("The next day's, where it is not after from.", z._default(clockTime(), "24:00")),
        why: why(),
      }),
      keyed({
        from: z.iso.date("a day such as 2026-12-24"),
        to: about("The last day that is frozen.", z.iso.date("a day such as 2026-12-26")),
        why: why(),
      }).check(
        z.refine(({ from, to }) => from <= to, {
          error: "the last day after the first, or the same",
          path: ["to"],
        }),
      ),
    ],
    "{ days: [sat, sun] } for every week, or { from: 2026-12-24, to: 2026-12-26 }",
  )

const isZone = (zone: string): boolean => {
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone })
    return true
  } catch {
    return false
  }
}
const ZONE = "a time zone such as Europe/Berlin"

/** Times at which nothing is deployed, in one time zone. */
export const freeze = () =>
  keyed({
    zone: z.string(ZONE).check(z.refine(isZone, ZONE)),
    windows: z.array(window(), "a list of windows"),
  })
