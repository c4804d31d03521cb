const CODES = { red: 31, green: 32, yellow: 33, dim: 2 } as const

/** Colours text for standard output where that is a terminal and NO_COLOR is not set. */
export function paint(text: string, colour: keyof typeof CODES): string {
  return process.stdout.isTTY && !process.env.NO_COLOR ? `\u001b[${CODES[colour]}m${text}\u001b[0m` : text
}
