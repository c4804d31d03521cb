import { spawn } from "node:child_process"
import { StringDecoder } from "node:string_decoder"
import { withoutTraces } from "../ci/src/formats/clean.js"
import { doesNotStart, type Session } from "./session.js"

/** Progress printers that mean the interactive one, which the embedded client does not have. */
const INTERACTIVE = new Set(["", "auto", "tty"])

/** The most readable progress printer of the embedded client. */
export const DAGGER_PROGRESS = "logs"

/**
 * Runs the Dagger client on this terminal until it ends.
 *
 * Its standard error loses the marks of traces. A terminal of the stock client is left to it whole: its interactive
 * view needs one, and prints no marks.
 *
 * @param onOutput gets its standard output, which is printed otherwise.
 * @returns its exit code.
 */
export function passThrough(
  session: Session,
  args: readonly string[],
  onOutput?: (chunk: Buffer) => void,
): Promise<number> {
  const embedded = session.choice.kind === "embedded"
  const isInteractive = INTERACTIVE.has(session.env.DAGGER_PROGRESS ?? "")
  const env = embedded && isInteractive ? { ...session.env, DAGGER_PROGRESS } : session.env
  const keepsTerminal = !embedded && isInteractive && process.stderr.isTTY
  const child = spawn(session.dagger, args, {
    env,
    stdio: ["inherit", onOutput ? "pipe" : "inherit", keepsTerminal ? "inherit" : "pipe"],
  })
  if (onOutput) child.stdout?.on("data", onOutput)
  if (child.stderr) printWithoutTraces(child.stderr)
  // Ctrl-C in a terminal reaches the client too, and SIGINT is what ends its session.
  const ignore = () => {}
  const end = () => child.kill("SIGINT")
  process.on("SIGINT", ignore).on("SIGTERM", end).on("SIGHUP", end)
  return new Promise<number>((resolve, reject) => {
    child.on("error", (error) => reject(doesNotStart(session, error)))
    child.on("close", (code) => resolve(code ?? 130))
  }).finally(() => process.off("SIGINT", ignore).off("SIGTERM", end).off("SIGHUP", end))
}

function printWithoutTraces(stream: NodeJS.ReadableStream): void {
  const decoder = new StringDecoder("utf8")
  let held = ""
  stream.on("data", (chunk: Buffer) => {
    const [ready, rest] = splitBeforeTrace(held + decoder.write(chunk))
    held = rest
    process.stderr.write(withoutTraces(ready))
  })
  stream.on("end", () => process.stderr.write(withoutTraces(held + decoder.end())))
}

const MARK = "[traceparent:"

/** Splits text before the beginning of a mark whose end is still to come. */
export function splitBeforeTrace(text: string): readonly [ready: string, rest: string] {
  const open = text.lastIndexOf("[")
  const tail = open === -1 ? "" : text.slice(open)
  const begins = MARK.startsWith(tail) || (tail.startsWith(MARK) && !/[\]\n]/.test(tail))
  return tail !== "" && begins ? [text.slice(0, open), tail] : [text, ""]
}
