import * as fs from "node:fs"
import * as path from "node:path"
import { layout } from "./layout.js"
import { processStart } from "./running.js"

/** What a process can say of itself: that it uses the engine, or that it wants slow images made. */
type Mark = "uses" | "makes"

const fileOf = (mark: Mark, pid: number): string => path.join(layout().run, `${mark}-${pid}`)

/** Writes down that this process uses the engine (`uses`) or wants slow images made (`makes`). Its end ends that as well. */
export function mark(what: Mark): void {
  fs.writeFileSync(fileOf(what, process.pid), processStart(process.pid) ?? "")
}

/** Takes the mark back. */
export const unmark = (what: Mark): void => fs.rmSync(fileOf(what, process.pid), { force: true })

/** Returns the living processes that carry a mark. One that was killed left its file, which does not count. */
export function marked(what: Mark): readonly number[] {
  const pattern = new RegExp(`^${what}-(\\d+)$`)
  return (fs.existsSync(layout().run) ? fs.readdirSync(layout().run) : [])
    .flatMap((name) => pattern.exec(name)?.[1] ?? [])
    .map(Number)
    .filter((pid) => processStart(pid) === read(fileOf(what, pid)))
}

function read(file: string): string | null {
  try {
    return fs.readFileSync(file, "utf8")
  } catch {
    return null
  }
}
