import { describe, expect, test } from "vitest"
import { Fault, render } from "../../../ci/src/run/fault.js"

const text = { what: "unknown key", where: "slipway.yaml:4:3", fix: "correct it" }

describe("a fault", () => {
  test("reads: where, what, and what to do", () => {
    expect(render(text)).toBe("slipway.yaml:4:3: unknown key\nTo fix it: correct it")
  })

  test("starts with what happened where there is no place", () => {
    expect(render({ ...text, where: null })).toBe("unknown key\nTo fix it: correct it")
  })

  test("carries the whole explanation as its message, for whoever prints only that", () => {
    expect(new Fault("configuration", text).message).toBe(render(text))
  })
})
