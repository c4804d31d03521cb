import * as fs from "node:fs"
import * as path from "node:path"
import { layout } from "./layout.js"
import { processStart } from "./running.js"

/** What a process announces: that it uses the engine, or that it wants slow images made. */
type Mark = "uses" | "makes"

const fileOf = (mark: Mark, pid: number): string => path.join(layout().run, `${mark}-${pid}`)

/** Marks this process as one that uses the engine (`uses`) or wants slow images made (`makes`), until it ends. */
export function mark(what: Mark): void {
  fs.writeFileSync(fileOf(what, process.pid), processStart(process.pid) ?? "")
}

/** Removes a mark of this process. */
export const unmark = (what: Mark): void => fs.rmSync(fileOf(what, process.pid), { force: true })

/** Returns the running processes that have a mark. The file of a process that was killed does not count. */
export function marked(what: Mark): readonly number[] {
  const pattern = new RegExp(`^${what}-(\\d+)$`)
  return (fs.existsSync(layout().run) ? fs.readdirSync(layout().run) : [])
    .flatMap((name) => pattern.exec(name)?.[1] ?? [])
    .map(Number)
    .filter((pid) => processStart(pid) === read(fileOf(what, pid)))
}

/** The other processes that use the engine now. */
export const otherUsers = (): readonly number[] => marked("uses").filter((pid) => pid !== process.pid)

function read(file: string): string | null {
  try {
    return fs.readFileSync(file, "utf8")
  } catch {
    return null
  }
}
