import { describe, expect, test } from "vitest"
import { jsonErrorOffset, lineColumn, readYaml } from "../../../ci/src/config/yaml-position.js"

describe("line and column", () => {
  test.each([
    ["", 0, "1:1"],
    ["a: 1", 3, "1:4"],
    ["a: 1\nb: 2", 5, "2:1"],
    ["a: 1\r\n  b: 2", 8, "2:3"],
    ["ä: 1\nö: 2", 8, "2:4"],
  ])("of %j at %i are %s", (text, offset, expected) => {
    expect(lineColumn(text, offset)).toBe(expected)
  })
})

describe("a place in YAML", () => {
  const text = "stages:\n  lint: &l\n    env: { A: b }\n  unit: *l\nlist:\n  - one\n  - two\n"
  const at = (path: PropertyKey[], part: "key" | "value") =>
    lineColumn(text, readYaml(text).locate(path, part))

  test.each([
    ["the file", [], "value", "1:1"],
    ["a key", ["stages", "lint"], "key", "2:3"],
    ["a value", ["stages", "lint", "env", "A"], "value", "3:15"],
    ["an item of a list", ["list", 1], "value", "7:5"],
    ["what an alias stands for", ["stages", "unit", "env"], "key", "3:5"],
    ["something missing: what should hold it", ["stages", "lint", "script"], "value", "3:5"],
  ] as const)("is found for %s", (_, path, part, expected) => {
    expect(at([...path], part)).toBe(expected)
  })
})

describe("YAML that cannot be read", () => {
  test.each([
    ["list in list without end", "[".repeat(20_000)],
    ["unclosed quote", "a: 'x"],
    ["stray anchor", "a: *b"],
  ])("tells of the problem and does not throw: %s", (_, text) => {
    expect(readYaml(text).problems.length).toBeGreaterThan(0)
  })

  test.each([
    ["a merged text", "a:\n  <<: text\n", "2:7"],
    ["a merged number of a list", "a: { b: 1 }\n<<: [1]\n", "2:5"],
    ["an alias of a list", "a: &a [1]\n<<: *a\n", "2:5"],
    ["nothing", "a: 1\n<<:\n", "2:4"],
    ["the map itself", "a: &a\n  <<: *a\n", "2:7"],
  ])("names the place of a merge of %s", (_, text, place) => {
    const [problem] = readYaml(text).problems
    expect(lineColumn(text, problem?.offset ?? -1)).toBe(place)
  })
})

describe("where JSON goes wrong", () => {
  test.each([
    ["nothing at all", "", 0],
    ["a trailing comma", '{"a": 1,}', 8],
    ["a bare word", '{"a": b}', 6],
    ["a missing comma", '{"a": 1 "b": 2}', 8],
    ["a missing bracket", '{"a": [1, 2', 11],
    ["the wrong bracket", '{"a": [1, 2}', 11],
    ["a comment", '{ // no\n"a": 1}', 2],
    ["a merge conflict", '{\n<<<<<<< HEAD\n"a": 1}', 2],
    ["text after the end", "{} x", 3],
    ["a line break in a string", '{"a": "x\n"}', 6],
    ["a wrong escape", '{"a": "\\x"}', 6],
    ["a key without quotes", "{a: 1}", 1],
    ["a leading zero", "[01]", 2],
  ])("%s", (_, text, offset) => {
    expect(() => JSON.parse(text)).toThrow()
    expect(jsonErrorOffset(text)).toBe(offset)
  })

  test.each([
    '{"a": [1, -2.5e3, true, null, "ü\\u00fc\\n", {}, []]}',
    "[]",
    ' "x" ',
  ])("nowhere in %s", (text) => {
    expect(() => JSON.parse(text)).not.toThrow()
    expect(jsonErrorOffset(text)).toBe(text.length)
  })
})
