import * as fs from "node:fs"
import * as net from "node:net"
import * as path from "node:path"
import { home } from "./host/home.js"
import type { Parts } from "./parts.js"

/** A running embedded engine: the contents of `daemon.json`. */
export interface Daemon {
  readonly pid: number
  /** Start time of the process from /proc: tells it from a later process with the same number. */
  readonly started: string
  /** The parts that it runs from. */
  readonly parts: Parts
}

/** Returns the start time of a process in clock ticks since boot (proc(5), field 22); null when it has ended. */
export function processStart(pid: number): string | null {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, "utf8")
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? null
  } catch {
    return null
  }
}

/**
 * Finds the daemon of this state folder in the process table, where `daemon.json` is damaged or missing. Its last
 * argument is its parts.
 */
export function findDaemon(): Daemon | null {
  const folder = home()
  for (const name of fs.readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
    const words = commandLine(name)
    if (words.at(-3) !== "engine" || words.at(-2) !== "daemon") continue
    const parts: Parts = JSON.parse(words.at(-1) ?? "null")
    const started = processStart(Number(name))
    if (started !== null && path.dirname(path.dirname(parts.bin)) === folder)
      return { pid: Number(name), started, parts }
  }
  return null
}

function commandLine(pid: string): readonly string[] {
  try {
    return fs.readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").slice(0, -1)
  } catch {
    return []
  }
}

/** Checks whether a Unix socket accepts connections. */
export function answers(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = net.connect(socket)
    const done = (answer: boolean) => {
      connection.destroy()
      resolve(answer)
    }
    connection.once("connect", () => done(true)).once("error", () => done(false))
  })
}
