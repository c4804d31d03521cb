import { spawn } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import { expect, test } from "vitest"
import { layout } from "../../../engine/layout.js"
import { mark, marked, unmark } from "../../../engine/users.js"
import { emptyStateFolder } from "../state-folder.js"

emptyStateFolder()

test("a process is marked until it takes that back", () => {
  expect(marked("uses")).toEqual([])
  mark("uses")
  expect(marked("uses")).toEqual([process.pid])
  expect(marked("makes")).toEqual([])
  unmark("uses")
  expect(marked("uses")).toEqual([])
})

test("the mark of a process that was killed does not count, nor that of another one with its number", async () => {
  fs.writeFileSync(path.join(layout().run, "uses-1"), "a start that process 1 never had")
  const child = spawn("sleep", ["60"])
  fs.writeFileSync(path.join(layout().run, `uses-${child.pid}`), "")
  child.kill()
  await new Promise((ended) => child.once("exit", ended))
  expect(marked("uses")).toEqual([])
})
