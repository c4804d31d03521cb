/**
 * Release lines of Node.js with long-term support, by code name.
 *
 * @see https://github.com/nodejs/Release
 */
export const LTS_LINES = {
  argon: 4,
  boron: 6,
  carbon: 8,
  dubnium: 10,
  erbium: 12,
  fermium: 14,
  gallium: 16,
  hydrogen: 18,
  iron: 20,
  jod: 22,
  krypton: 24,
} as const

/** The newest of them. */
export const NEWEST_LTS = LTS_LINES.krypton
