import { expect, it } from "vitest"
import { follow, stageEvent } from "../../../cli/stages.js"

const ESC = "\u001b"
const shown = (text: string) =>
  `${ESC}[95m9   : ${ESC}[0m${ESC}[90m[0.5s] ${ESC}[0m${ESC}[90m|${ESC}[0m ⚓ ${text}${ESC}[0m`

it("reads a stage's lines wherever Dagger's progress shows them", () => {
  expect(stageEvent(shown("test:unit starts"))).toEqual({ name: "test:unit", ended: null })
  expect(stageEvent(shown("lint failed (cached): 3 findings"))).toEqual({
    name: "lint",
    ended: { verdict: "failed", cached: true, summary: "3 findings" },
  })
  expect(stageEvent("9   : | no stage starts")).toBeNull()
  expect(stageEvent(shown("something else"))).toBeNull()
})

it("tells of each stage once, and which ones run", () => {
  const ended: string[] = []
  const running: string[] = []
  const see = follow(
    (event) => ended.push(event.name),
    (names) => running.push(names.join("+")),
  )
  const lines = [
    "lint starts",
    "types starts",
    "lint starts",
    "lint passed: ok",
    "lint passed: ok",
    "types errored: no",
  ]
  for (const line of lines) see(shown(line))
  expect(ended).toEqual(["lint", "types"])
  expect(running).toEqual(["lint", "lint+types", "types", ""])
})
