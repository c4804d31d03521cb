import { readFileSync } from "node:fs"
import { expect, it } from "vitest"
import {
  parseScenario,
  readScenario,
  scenarioNames,
} from "../../../modules/aws-simulator/program/read-scenario.ts"
import { parseWorld } from "../../../modules/aws-simulator/program/read-world.ts"

it.each(scenarioNames())("the built-in scenario %s says what happens", (name) => {
  const { title, whatHappens } = readScenario(name)
  expect([title.length > 5, whatHappens.length > 20]).toEqual([true, true])
})

it.each([
  [
    '{"failure": {"how": "chrash"}}',
    'failure.how must be one of crash, image, placement, health, not "chrash"',
  ],
  ['{"seconds": {"pull": "10"}}', 'seconds.pull must be a number from 0, not "10"'],
  [
    '{"events": [{"does": {"kind": "alarm", "state": "LOUD"}}]}',
    "events[0].does.state must be one of OK, ALARM",
  ],
  ['{"retry": 3}', "retry is not known. Known are title"],
  ["{", "JSON"],
])("a scenario %s is refused with the key that is wrong", (source, message) => {
  expect(() => parseScenario(source, "mine.json")).toThrow(message)
  expect(() => parseScenario(source, "mine.json")).toThrow("Scenario mine.json: ")
})

it("a scenario that is not there is answered with those that are", () => {
  expect(() => readScenario("crash")).toThrow(/There is no scenario crash. Built in are .*crash-loop/)
})

it("a world needs no more than its services' names", () => {
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
  expect(() => parseWorld('{"services": [{"nam": "web"}]}', "w.json")).toThrow(
    "World w.json: services[0].nam is not known. Known are name, family",
  )
})

it("the documentation lists every built-in scenario, and its example is one", () => {
  const text = readFileSync("docs/simulator.md", "utf8")
  expect(scenarioNames().filter((name) => !text.includes(`| \`${name}\` |`))).toEqual([])
  const examples = [...text.matchAll(/```json\n(.*?)```/gs)].map(([, example = ""]) => example)
  expect(parseScenario(examples[0] ?? "", "the example").failure?.deployments).toBe(1)
  expect(parseWorld(examples[1] ?? "", "the example").services.map(({ name }) => name)).toEqual([
    "web",
    "worker",
  ])
})
