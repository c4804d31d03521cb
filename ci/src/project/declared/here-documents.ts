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
  let at = 0
  for (let step = steps[at]; step !== undefined; step = steps[at]) {
    const end = DOCUMENT.exec(step.run)?.groups?.end
    const last = end === undefined ? -1 : steps.findIndex(({ run }, i) => i > at && run.trim() === end)
    if (last > at) {
      found.push({ step, document: textOf(steps.slice(at + 1, last)) })
      at = last + 1
    } else {
      const own = steps.slice(at, closedAt(steps, at) + 1)
      found.push({ step: { ...step, run: textOf(own) }, document: null })
      at += own.length
    }
  }
  return found
}

const textOf = (lines: readonly Step[]): string => lines.map(({ run }) => run).join("\n")

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
