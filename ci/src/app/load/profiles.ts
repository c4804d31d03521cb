/** How hard an app is tried: how many users at a time, and for how long. */
export const PROFILES = ["smoke", "load", "stress", "spike"] as const
export type Profile = (typeof PROFILES)[number]

/** Narrows a text to the name of a profile. */
export const isProfile = (text: string): text is Profile => PROFILES.some((profile) => profile === text)

/** A stretch of time at whose end so many users are at it, as times of those that slipway.yaml names. */
interface Stretch {
  readonly seconds: number
  readonly times: number
}

const CURVES: Readonly<Record<Exclude<Profile, "smoke">, readonly Stretch[]>> = {
  load: [
    { seconds: 15, times: 1 },
    { seconds: 60, times: 1 },
    { seconds: 5, times: 0 },
  ],
  stress: [
    { seconds: 20, times: 1 },
    { seconds: 20, times: 2 },
    { seconds: 20, times: 3 },
    { seconds: 30, times: 3 },
    { seconds: 10, times: 0 },
  ],
  spike: [
    { seconds: 10, times: 1 },
    { seconds: 3, times: 5 },
    { seconds: 20, times: 5 },
    { seconds: 3, times: 1 },
    { seconds: 15, times: 1 },
  ],
}

/** Seconds of the profile smoke: one user, to see that the script works and the app answers. */
const SMOKE = 10

/** A stage of k6 (`--stage`): seconds, and the users at its end. */
export interface Ramp {
  readonly seconds: number
  readonly users: number
}

/** @param vus users at a time in the profile load. */
export function ramps(profile: Profile, vus: number): readonly Ramp[] {
  if (profile === "smoke")
    return [
      { seconds: 0, users: 1 },
      { seconds: SMOKE, users: 1 },
    ]
  return CURVES[profile].map(({ seconds, times }) => ({ seconds, users: Math.ceil(vus * times) }))
}

/** Returns how long all stretches take, in seconds. */
export const seconds = (stretches: readonly Ramp[]): number =>
  stretches.reduce((sum, stretch) => sum + stretch.seconds, 0)
