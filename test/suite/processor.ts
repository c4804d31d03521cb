import * as fs from "node:fs"
import { afterAll } from "vitest"
import { ENGINE_TIMES } from "./times.js"

/** `/proc` counts in ticks of ten milliseconds (proc(5), sysconf(_SC_CLK_TCK) on Linux). */
const TICK = 10

/** Fields of `/proc/PID/stat` after the command's name: utime, stime, and those of children that ended. */
const fields = (stat: string): readonly number[] =>
  stat
    .slice(stat.lastIndexOf(")") + 2)
    .split(" ")
    .slice(11, 15)
    .map(Number)

const read = (file: string): string => {
  try {
    return fs.readFileSync(file, "utf8")
  } catch {
    return ""
  }
}

/** Milliseconds of this process and of its children; where there is no `/proc`, of this process alone. */
function ofThisProcess(): number {
  const { user, system } = process.cpuUsage()
  const [, , childUser = 0, childSystem = 0] = fields(read("/proc/self/stat"))
  return (user + system) / 1000 + (childUser + childSystem) * TICK
}

/** Milliseconds of the engine: of its own process, and of the control group that holds its containers. */
function ofEngine(): number | null {
  const files = process.env[ENGINE_TIMES]
  if (files === undefined) return null
  const times = files.split("\n").map((file) => {
    const text = read(file)
    const microseconds = /^usage_usec (\d+)$/m.exec(text)?.[1]
    const [user = 0, system = 0] = fields(text)
    return microseconds === undefined ? (user + system) * TICK : Number(microseconds) / 1000
  })
  return times.reduce((sum, time) => sum + time, 0)
}

// A process that runs several files counts each from the end of the last.
declare global {
  var countedProcessorTime: number | undefined
}
const before = { own: globalThis.countedProcessorTime ?? 0, engine: ofEngine() }

afterAll((file) => {
  const own = ofThisProcess()
  const engine = ofEngine()
  globalThis.countedProcessorTime = own
  file.meta.processor = {
    own: own - before.own,
    engine: engine === null || before.engine === null ? null : [before.engine, engine],
  }
})
