import { describe, expect, it } from "vitest"
import { explain } from "../../../cli/explain.js"

const ESC = "\u001b"

describe("the explanation of a run without a result", () => {
  it("repeats the message and exit code of the module", () => {
    const tail = [
      `${ESC}[95m9   : ${ESC}[0m${ESC}[33m! slipway.yaml:3:1: unknown key "stagess"`,
      `To fix it: did you mean "stages"?${ESC}[0m`,
      "",
      "",
      'Error: slipway.yaml:3:1: unknown key "stagess"',
      'To fix it: did you mean "stages"?',
    ]
    expect(explain({ code: 20, tail })).toEqual({
      text: 'slipway: slipway.yaml:3:1: unknown key "stagess"\n  To fix it: did you mean "stages"?',
      exitCode: 20,
    })
  })

  it("keeps the lines between problem and fix", () => {
    const tail = [
      "Error: two things are wrong",
      "slipway.yaml:1:1: a",
      "slipway.yaml:2:1: b",
      "To fix it: change them",
    ]
    expect(explain({ code: 1, tail })).toEqual({
      text: "slipway: two things are wrong\n  slipway.yaml:1:1: a\n  slipway.yaml:2:1: b\n  To fix it: change them",
      exitCode: 11,
    })
  })

  it("falls back to the last error of Dagger", () => {
    const tail = ["1   : connect DONE [0.1s]", "Error: something odd", "with a second line"]
    expect(explain({ code: 1, tail })).toEqual({
      text: "slipway: dagger failed: something odd\n  with a second line",
      exitCode: 34,
    })
  })

  it("names the exit code when Dagger printed nothing", () => {
    expect(explain({ code: 137, tail: [] }).text).toBe(
      "slipway: dagger failed: dagger exited with code 137 and printed no error",
    )
    expect(explain({ code: 0, tail: ["done"] })).toEqual({
      text: "slipway: dagger failed: done",
      exitCode: 34,
    })
  })
})
