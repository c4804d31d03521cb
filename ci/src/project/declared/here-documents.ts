import type { Step } from "./found.js"

/** A command of several lines. */
export interface WholeCommand {
  readonly step: Step
  /** The text of its here document; null without one. */
  readonly document: string | null
}

/** A command that reads a here document: the word that ends it. */
const DOCUMENT = /(?<!<)<<-?\s*["']?(?<end>\w+)["']?/

/**
 * Joins the lines of steps that are one command of a shell: text in quotes that goes on in the next line, and here
 * documents. A quote that no line closes begins nothing.
 */
export function wholeCommands(steps: readonly Step[]): readonly WholeCommand[] {
  const found: WholeCommand[] = []
  for (let at = 0; at < steps.length; at++) {
    const step = steps[at]
    if (step === undefined) continue
    const end = DOCUMENT.exec(step.run)?.groups?.end
    const last = end === undefined ? -1 : steps.findIndex(({ run }, i) => i > at && run.trim() === end)
    if (last > at) {
      const lines = steps.slice(at + 1, last).map(({ run }) => run)
      found.push({ step, document: lines.join("\n") })
      at = last
      continue
    }
    const close = closedAt(steps, at)
    const run = steps
      .slice(at, close + 1)
      .map((one) => one.run)
      .join("\n")
    found.push({ step: { ...step, run }, document: null })
    at = close
  }
  return found
}

/** Lines that text in quotes may have. */
const LONGEST = 200

/** The last line of the command that begins at a step. */
function closedAt(steps: readonly Step[], at: number): number {
  let text = ""
  for (let i = at; i < Math.min(steps.length, at + LONGEST); i++) {
    text += `${steps[i]?.run ?? ""}\n`
    if (!isOpen(text)) return i
  }
  return at
}

/** Tells whether a quote of a text is open at its end. */
const isOpen = (text: string): boolean =>
  /['"]/.test(text.replace(/\\[\s\S]|'[^']*'|"(?:[^"\\]|\\[\s\S])*"|(?<=\s)#[^\n]*/g, ""))
