import { readFileSync } from "node:fs"
import { expect, it } from "vitest"
import {
  parseScenario,
  readScenario,
  scenarioNames,
} from "../../../modules/aws-simulator/program/read-scenario.ts"
import { parseWorld } from "../../../modules/aws-simulator/program/read-world.ts"

it.each(scenarioNames())("the built-in scenario %s has a title and a description", (name) => {
  const { title, whatHappens } = readScenario(name)
  expect([title.length > 5, whatHappens.length > 20]).toEqual([true, true])
})

it.each([
  [
    '{"failure": {"how": "chrash"}}',
    'failure.how must be one of crash, image, placement, health, not "chrash"',
  ],
  ['{"seconds": {"pull": "10"}}', "seconds.pull must be a number"],
  [
    '{"events": [{"does": {"kind": "alarm", "state": "LOUD"}}]}',
    "events[0].does.state must be one of OK, ALARM",
  ],
  ['{"retry": 3}', "unknown key retry"],
  ["{", "JSON"],
])("rejects the scenario %s and names the wrong key", (source, message) => {
  expect(() => parseScenario(source, "mine.json")).toThrow(message)
  expect(() => parseScenario(source, "mine.json")).toThrow("mine.json")
})

it("lists the built-in scenarios for an unknown one", () => {
  expect(() => readScenario("crash")).toThrow(/unknown scenario crash: .*crash-loop/)
})

it("fills in a world from the names of its services", () => {
  const world = parseWorld(
    '{"cluster": "clinic", "services": [{"name": "web", "hosts": ["a.example.org"]}]}',
    "w.json",
  )
  expect(world.services[0]).toMatchObject({
    family: "clinic-web",
    container: "web",
    desired: 2,
    deregistrationDelay: 300,
  })
})

it("names the wrong key of a world and the known ones", () => {
  expect(() => parseWorld('{"services": [{"nam": "web"}]}', "w.json")).toThrow(
    /w\.json: .*services\[0\]\.nam.*name, family/,
  )
})

it("documents every built-in scenario, with examples that can be read", () => {
  const text = readFileSync("docs/simulator.md", "utf8")
  expect(scenarioNames().filter((name) => !text.includes(`| \`${name}\` |`))).toEqual([])
  const examples = [...text.matchAll(/```json\n(.*?)```/gs)].map(([, example = ""]) => example)
  expect(parseScenario(examples[0] ?? "", "the example").failure?.deployments).toBe(1)
  expect(parseWorld(examples[1] ?? "", "the example").services.map(({ name }) => name)).toEqual([
    "web",
    "worker",
  ])
})
