import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { describe, expect, it } from "vitest"
import { cleanLog, oneLine, withoutTraces } from "../../../ci/src/formats/clean.js"
import { runClient } from "../../../cli/client.js"
import { splitBeforeTrace } from "../../../cli/passthrough.js"
import type { Session } from "../../../cli/session.js"

const MARK = " [traceparent:5402bd1a2c5bd8f8bdb2bb5c2f1b5f0d-21f5e2ba5a0c4a4d]"

describe("marks of traces", () => {
  it("are removed from logs, summaries and messages", () => {
    const text = `not found${MARK}, and again${MARK}\nnext line`
    for (const remove of [withoutTraces, cleanLog])
      expect(remove(text)).toBe("not found, and again\nnext line")
    expect(oneLine(text)).toBe("not found, and again next line")
  })

  it("are removed however the output is cut", () => {
    const text = `a [list] and a fault${MARK}\nthe end`
    for (let at = 0; at <= text.length; at++) {
      const [first, held] = splitBeforeTrace(text.slice(0, at))
      const shown = withoutTraces(first) + withoutTraces(held + text.slice(at))
      expect(shown.replace(" \n", "\n")).toBe("a [list] and a fault\nthe end")
    }
  })

  it("are removed from the client's output and its log", async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "slipway-trace-"))
    const dagger = path.join(folder, "dagger")
    fs.writeFileSync(dagger, `#!/bin/sh\necho 'a fault${MARK}' >&2\nexit 3\n`, { mode: 0o755 })
    const choice = { kind: "embedded", because: "", warning: null } as const
    const session: Session = { choice, dagger, env: process.env, watch: null }
    const lines: string[] = []
    const log = path.join(folder, "log")
    const ended = await runClient(session, [], { log, onLine: (line) => lines.push(line) })
    expect(ended).toEqual({ code: 3, tail: ["a fault"] })
    expect(lines).toEqual(["a fault"])
    expect(fs.readFileSync(log, "utf8")).toBe("a fault\n")
    fs.rmSync(folder, { recursive: true })
  })
})
