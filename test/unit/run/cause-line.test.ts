import { describe, expect, test } from "vitest"
import { causeLine, excerpt } from "../../../ci/src/run/cause-line.js"
import { sample } from "../testdata.js"

test("tells which peer npm cannot have, and what it found in its place", () => {
  const log = [
    "npm error code ERESOLVE",
    "npm error ERESOLVE unable to resolve dependency tree",
    "npm error Found: slonik@31.4.2",
    "npm error node_modules/slonik",
    "npm error",
    "npm error Could not resolve dependency:",
    'npm error peer slonik@"27 - 29" from @slonik/migrator@0.11.3',
  ].join("\n")
  expect(causeLine(log)).toBe(
    'npm error Could not resolve dependency: peer slonik@"27 - 29" from @slonik/migrator@0.11.3. Found: slonik@31.4.2',
  )
})

test("joins what uv could not do, and why", () => {
  const log = [
    "  × Failed to fetch: `https://example.org/simple/coverage/`",
    "  ├─▶ Request failed after 3 retries",
    "  ╰─▶ invalid peer certificate: UnknownIssuer",
    "  help: Consider enabling use of system TLS certificates with the",
    "        `--native-tls` command-line flag",
  ].join("\n")
  expect(causeLine(log)).toBe(
    "Failed to fetch: `https://example.org/simple/coverage/`: invalid peer certificate: UnknownIssuer",
  )
})

test("joins uv's error, its first cause and its last", () => {
  const together = [
    "error: No solution found when resolving dependencies",
    "  cause: Because flask==3.1.1 depends on werkzeug>=3.1.0, we can conclude that you require werkzeug>=3.1.0.",
    "         And because you require werkzeug==2.0.0, your requirements are unsatisfiable.",
  ]
  expect(causeLine(together.join("\n"))).toBe(
    "error: No solution found when resolving dependencies: Because flask==3.1.1 depends on werkzeug>=3.1.0, we can conclude that you require werkzeug>=3.1.0. And because you require werkzeug==2.0.0, your requirements are unsatisfiable.",
  )
  const fetched = [
    "error: Request failed after 3 retries in 9.7s",
    "  cause: Failed to fetch: https://pypi.acme.example/simple/flask/",
    "  cause: dns error",
    "  cause: failed to lookup address information: Name or service not known",
  ]
  expect(causeLine(fetched.join("\n"))).toBe(
    "error: Request failed after 3 retries in 9.7s: Failed to fetch: https://pypi.acme.example/simple/flask/: failed to lookup address information: Name or service not known",
  )
})

test("is what pytest raised while it read its settings", () => {
  const log =
    "ImportError while loading conftest\n    warnings.warn(\nE   DeprecationWarning: use b\nwarnings.warn(\n"
  expect(causeLine(log)).toBe("DeprecationWarning: use b")
})

describe("the cause in a log", () => {
  test.each([
    ["npm-stale-lock", "npm error Missing: left-pad@1.3.0 from lock file"],
    ["npm-404", "npm error 404 Not Found - GET https://registry.npmjs.org/leftt-pad"],
    [
      "pnpm-stale-lock",
      'ERR_PNPM_OUTDATED_LOCKFILE Cannot install with "frozen-lockfile" because pnpm-lock.yaml is not up to date with <ROOT>/package.json',
    ],
    [
      "yarn-4-stale-lock",
      "➤ YN0028: │ The lockfile would have been modified by this install, which is explicitly forbidden.",
    ],
    [
      "yarn-1-stale-lock",
      "error Your lockfile needs to be updated, but yarn was run with `--frozen-lockfile`.",
    ],
    ["tsc", "src/domain/time.ts(84,7): error TS2322: Type 'number' is not assignable to type 'string'."],
    [
      "tsc-pretty",
      "src/domain/time.ts:84:7 - error TS2322: Type 'number' is not assignable to type 'string'.",
    ],
    ["eslint-9", "/app/backend/src/domain/broken.ts:1:23 error Parsing error: Expression expected"],
    ["biome-2", /^src\/a\.ts:1:8 lint\/suspicious\/noExplicitAny ━+: ! Unexpected any\. Specify/],
    ["biome-2-colours", /^src\/a\.ts:1:8 lint\/suspicious\/noExplicitAny ━+: ⚠ Unexpected any\. Specify/],
    ["prettier-3", "[error] backend/src/domain/broken.ts: SyntaxError: Expression expected. (1:24)"],
    ["lab", "2) a sum adds"],
    ["jest", "● a sum › adds: expect(received).toBe(expected) // Object.is equality"],
    ["vitest", "FAIL sum.test.ts > a sum > adds: AssertionError: expected 2 to be 3 // Object.is equality"],
    ["mocha", "a sum adds: AssertionError [ERR_ASSERTION]: 2 == 3"],
    ["node-tap", "not ok 1 - adds: error: '2 == 3'"],
    ["node-spec", "✖ adds (13.728629ms): AssertionError [ERR_ASSERTION]: 2 == 3"],
    ["pytest", "FAILED test_sum.py::test_adds - assert (1 + 1) == 3"],
    ["python", "RuntimeError: the settings cannot be read"],
    ["terraform", 'Error: Unsupported argument: on main.tf line 2, in resource "terraform_data" "a"'],
    ["terraform-colours", 'Error: Unsupported argument: on main.tf line 2, in resource "terraform_data" "a"'],
    ["node-crash", "TypeError: Cannot read properties of null (reading 'b')"],
    ["psql", 'psql: error: connection to server at "127.0.0.1", port 1 failed: Connection refused'],
    ["node-pg-migrate", 'error: syntax error at or near "TABEL"'],
    ["git", "fatal: Needed a single revision"],
    ["shell", "sh: 1: eslnt: not found"],
  ])("of %s is the tool's own error", (name, cause) => {
    const found = causeLine(sample(`logs/${name}.txt`))
    if (typeof cause === "string") expect(found).toBe(cause)
    else expect(found).toMatch(cause)
  })

  test.each([
    [
      "a script's error above npm's own",
      "boom: it failed\nnpm error code 1\nnpm error path /app\n",
      "boom: it failed",
    ],
    [
      "a warning of Node.js's",
      "lint: 3 problems\n(node:12) DeprecationWarning: punycode\n",
      "lint: 3 problems",
    ],
    [
      "what npm says of itself",
      "Error: no config\n    at main (/app/a.js:1:1)\nnpm notice New major version of npm\n",
      "Error: no config",
    ],
    [
      "a build's steps",
      'ERROR: failed to build: failed to solve: process "/bin/sh -c npm ci" did not complete successfully: exit code: 1\n',
      'ERROR: failed to build: failed to solve: process "/bin/sh -c npm ci" did not complete successfully: exit code: 1',
    ],
    [
      "a linter's way to ask for help",
      "Oops! Something went wrong! :(\n\nESLint: 9.17.0\n\nESLint couldn't find an eslint.config.(js|mjs|cjs) file.\n\nplease stop by\nhttps://eslint.org/chat/help to chat with the team.\n",
      "ESLint couldn't find an eslint.config.(js|mjs|cjs) file.",
    ],
    [
      "the usage of an option's program",
      "ERROR: usage: __main__.py [options] [file_or_dir] [...]\n__main__.py: error: unrecognized arguments: -n --timeout=5\n  inifile: /app/pytest.ini\n",
      "__main__.py: error: unrecognized arguments: -n --timeout=5",
    ],
    [
      "a database's notice",
      'NOTICE:  ok\nERROR:  relation "a" exists\nROLLBACK\n',
      'ERROR: relation "a" exists',
    ],
  ])("is told beside %s", (_what, log, cause) => {
    expect(causeLine(log)).toBe(cause)
  })

  test.each(["", "\n\n", "    at main (/app/a.js:1:1)\n"])("is null where nothing is said: %j", (log) => {
    expect(causeLine(log)).toBeNull()
  })

  test("is short, however long its line is", () => {
    expect(causeLine(`Error: ${"x".repeat(1_000_000)}`)?.length).toBe(300)
  })
})

describe("an excerpt of a log", () => {
  const log = ["start", "Error: first", ..."abcdef"].join("\n")

  test("begins with the cause", () => {
    expect(excerpt(log, 3)).toEqual(["Error: first", "a", "b"])
  })

  test("is the end of a log whose cause is near it", () => {
    expect(excerpt("a\nb\nc\nError: last\n", 3)).toEqual(["b", "c", "Error: last"])
  })

  test("is the end of a log without a cause", () => {
    expect(excerpt("a\nb\n\nc\n", 2)).toEqual(["", "c"])
    expect(excerpt("", 2)).toEqual([])
  })
})
