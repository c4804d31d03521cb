import { describe, expect, test } from "vitest"
import { doesNothing, programsOf } from "../../../ci/src/project/scripts.js"
import { shellCommands } from "../../../ci/src/project/shell-words.js"

describe("a script's commands", () => {
  test.each([
    ["a b && c; d || e | f & g", [["a", "b"], ["c"], ["d"], ["e"], ["f"], ["g"]]],
    [`a "b c" 'd && e' f\\ g`, [["a", "b c", "d && e", "f g"]]],
    ["a=1 b='x;y'z", [["a=1", "b=x;yz"]]],
    ["a > log 2>&1", [["a", ">", "log", "2>&1"]]],
    ["a &> log", [["a", ">", "log"]]],
    ["", []],
  ])("%s", (script, expected) => {
    expect(shellCommands(script)).toEqual(expected)
  })
})

/** The programs of the script `test`, as a line each. */
const programs = (scripts: Readonly<Record<string, string>>) =>
  programsOf(scripts, "test").map(({ name, args }) => [name, ...args].join(" "))

test.each<[string, readonly (string | undefined)[]]>([
  ["a & b", ["background", undefined]],
  ["a && b & c; d", ["background", "background", undefined, undefined]],
  ["a &> log && b", [undefined, undefined]],
  ["concurrently 'a' 'b'", [undefined, undefined]],
  ["concurrently -k 'a' 'b'", ["race", "race"]],
  ["concurrently --kill-others-on-fail 'a' 'b'", [undefined, undefined]],
  ["run-p -r one two", ["race", "race"]],
])("%s: what a script does not wait for is known", (test, expected) => {
  expect(programsOf({ test, one: "a", two: "b" }, "test").map(({ beside }) => beside)).toEqual(expected)
})

describe("a script's programs", () => {
  test.each<[string, Readonly<Record<string, string>>, readonly string[]]>([
    ["variables", { test: "CI=1 TZ='a b' jest --ci" }, ["jest --ci"]],
    ["a folder", { test: "./node_modules/.bin/jest" }, ["jest"]],
    [
      "words for a script",
      { test: "yarn unit --run a && npm run unit -- b", unit: "npm run e && vitest -c x", e: "echo" },
      ["echo", "vitest -c x --run a", "echo", "vitest -c x b"],
    ],
    ["words that npm keeps", { test: "npm run unit --silent", unit: "vitest" }, ["vitest"]],
    ["wrappers", { test: "cross-env A=1 c8 --reporter lcov -- mocha -R dot" }, ["mocha -R dot"]],
    ["npx", { test: "npx --no-install vitest run" }, ["vitest run"]],
    ["npm exec", { test: "npm exec -- vitest run" }, ["vitest run"]],
    ["node", { test: "node --inspect ./node_modules/.bin/jest -i" }, ["jest -i"]],
    [
      "other scripts",
      { test: "npm run lint && npm t2; yarn unit", lint: "eslint .", unit: "ava" },
      ["eslint .", "npm t2", "ava"],
    ],
    ["its pre and post scripts", { pretest: "tsc", test: "jest", posttest: "echo" }, ["tsc", "jest", "echo"]],
    ["several scripts", { test: "run-s test:*", "test:a": "a", "test:b": "b" }, ["a", "b"]],
    ["scripts side by side", { test: "concurrently 'npm:x' \"npm run y\"", x: "a", y: "b" }, ["a", "b"]],
    [
      "commands side by side",
      { test: 'concurrently -k -n api,tests "node api.js" "npm:unit"', unit: "ava" },
      ["node api.js", "ava"],
    ],
    ["a server that is started for them", { test: "start-test 'node api.js' 3000 'jest -i'" }, ["jest -i"]],
    ["a script behind a server", { test: "npx start-server-and-test dev 3000 unit", unit: "ava" }, ["ava"]],
    ["a script that calls itself", { test: "npm test" }, []],
    ["scripts of other packages", { test: "npm test -ws" }, ["npm test -ws"]],
    ["programs that pnpm runs", { test: "pnpm vitest && pnpm unit", unit: "a" }, ["vitest", "a"]],
  ])("are found through %s", (_what, scripts, expected) => {
    expect(programs(scripts)).toEqual(expected)
  })
})

test.each([
  ["", true],
  ["echo nothing yet", true],
  ["echo ok && exit 0", true],
  ["true", true],
  ["echo linting && eslint .", false],
])("%j does nothing: %s", (test, expected) => {
  expect(doesNothing({ test }, "test")).toBe(expected)
})
