import * as fs from "node:fs"
import * as path from "node:path"
import type { Reporter, TestModule } from "vitest/node"
import { type FileTimes, REPORT, type Report } from "./times.js"

/** Writes what each file's tests came to and how long they took, for `slipway test`. */
export default class TimesReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const file = process.env[REPORT]
    if (file === undefined) return
    const engine = modules.flatMap((module) => module.meta().processor?.engine ?? [])
    const report: Report = {
      files: modules.map(timesOf),
      engine: engine.length > 0 ? Math.max(...engine) - Math.min(...engine) : null,
    }
    fs.writeFileSync(file, JSON.stringify(report))
  }
}

function timesOf(module: TestModule): FileTimes {
  const { prepareDuration, setupDuration, collectDuration, duration } = module.diagnostic()
  const { processor } = module.meta()
  const [before = 0, after = 0] = processor?.engine ?? []
  const failed = [...module.children.allTests("failed")].length
  return {
    file: path.relative(process.cwd(), module.moduleId),
    passed: [...module.children.allTests("passed")].length,
    // A file that does not load, or whose hooks fail, fails no test.
    failed: module.state() === "failed" ? Math.max(failed, 1) : failed,
    wall: prepareDuration + setupDuration + collectDuration + duration,
    processor: processor?.own ?? 0,
    engine: processor?.engine ? after - before : null,
  }
}
