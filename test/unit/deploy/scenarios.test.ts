import { describe, expect, it } from "vitest"
import { run, show, simulate } from "./rehearsal.ts"

describe("a deployment", () => {
  it("succeeds where all goes well", async () => {
    const simulator = await simulate("success")
    const ran = await run(simulator)
    show(ran)
    expect(ran.result.outcome).toBe("succeeded")
  })
  it("crash-loop", async () => {
    const simulator = await simulate("crash-loop")
    const ran = await run(simulator)
    show(ran)
    expect(ran.result.outcome).toBe("rolled-back")
  })
})
