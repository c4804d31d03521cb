import * as fs from "node:fs"
import * as net from "node:net"
import * as path from "node:path"
import { home } from "../cli/home.js"
import type { Parts } from "./parts.js"

/** What a running embedded engine says of itself in `daemon.json`. */
export interface Daemon {
  readonly pid: number
  /** Start time of that process from /proc, so that another with the same number is not taken for it. */
  readonly started: string
  /** What it runs from. */
  readonly parts: Parts
}

/** The start time of a process in clock ticks since boot (proc(5), field 22), or null when it is gone. */
export function processStart(pid: number): string | null {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, "utf8")
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? null
  } catch {
    return null
  }
}

/**
 * The daemon of this state folder as the process table shows it, for when `daemon.json` is damaged or not
 * written yet. Its parts are its last argument.
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

/** Resolves to true when something accepts connections on the socket. */
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
