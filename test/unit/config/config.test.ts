import { describe, expect, test } from "vitest"
import type { Config } from "../../../ci/src/config/config.js"
import { Fault } from "../../../ci/src/run/fault.js"
import { defaultConfig, parseConfig } from "../../../ci/src/settings.js"

/** The problems of a text, without what is to be done. */
function problems(text: string, file?: string): string[] {
  const fault = faultOf(text, file)
  const lines = fault.what.split("\n")
  return lines.length > 1 ? lines.slice(1) : [`${fault.where}: ${fault.what}`]
}

function faultOf(text: string, file?: string): Fault {
  try {
    parseConfig(text, file)
  } catch (error) {
    if (error instanceof Fault) return error
    throw error
  }
  throw new Error(`no fault in ${JSON.stringify(text)}`)
}

describe("an empty slipway.yaml", () => {
  test.each([
    "",
    "\n",
    "# nothing yet\n",
    "---\n",
    "{}",
    "\uFEFF",
    "stages:\ncustom:\nignore:\nimages:\npostgres:\n",
  ])("%j has the defaults", (text) => {
    expect(parseConfig(text)).toEqual(defaultConfig())
  })
})

describe("a slipway.yaml", () => {
  test("overrides what it names, and nothing else", () => {
    const text = `
project: MedFlow Praxis
node: 24
workspaces: [./backend/, "Über uns", .]
concurrency: 2
ignore: ["**/*.mp4"]
images:
  prefix: registry.example.org:5000/dockerhub
  overrides: { "postgres:15-alpine": "example.org/pg:15" }
postgres: { version: 16, user: app }
stages:
  lint: { enabled: false }
  unit: { script: "test:unit", timeout: 90s, env: { TZ: Europe/Berlin } }
`
    const expected: Config = {
      ...defaultConfig(),
      written: [
        "project",
        "node",
        "workspaces",
        "concurrency",
        "ignore",
        "images.prefix",
        "images.overrides.postgres:15-alpine",
        "postgres.version",
        "postgres.user",
        "stages.lint.enabled",
        "stages.unit.script",
        "stages.unit.timeout",
        "stages.unit.env.TZ",
      ],
      project: "MedFlow Praxis",
      node: ["24"],
      workspaces: ["backend", "Über uns", ""],
      concurrency: 2,
      ignore: ["**/*.mp4"],
      images: {
        prefix: "registry.example.org:5000/dockerhub",
        overrides: { "postgres:15-alpine": "example.org/pg:15" },
      },
      postgres: { version: "16", database: null, user: "app" },
      stages: {
        ...defaultConfig().stages,
        lint: { enabled: false, script: null, timeout: null, env: {} },
        unit: { enabled: true, script: "test:unit", timeout: 90, env: { TZ: "Europe/Berlin" } },
      },
    }
    expect(parseConfig(text)).toEqual(expected)
  })

  test("describes a stage in another language in a dozen lines", () => {
    const text = `
custom:
  pytest:
    image: python:3.13-slim
    commands:
      - pip install -r requirements.txt
      - |
        if true; then
        	pytest --junit-xml=out/junit.xml
        fi
    workdir: ./services/scoring
    inputs: [services/scoring/**]
    needs: [lint]
    services: { redis: { image: "redis:7-alpine", port: 6379 } }
    caches: { pip: /root/.cache/pip }
    timeout: 5m
    junit: out/*.xml
    coverage: coverage.xml
`
    expect(parseConfig(text).custom.pytest).toEqual({
      image: "python:3.13-slim",
      commands: [
        "pip install -r requirements.txt",
        "if true; then\n\tpytest --junit-xml=out/junit.xml\nfi\n",
      ],
      workdir: "services/scoring",
      inputs: ["services/scoring/**"],
      needs: ["lint"],
      services: {
        redis: {
          image: "redis:7-alpine",
          port: 6379,
          env: {},
          command: null,
          ready: { command: null, log: null, timeout: 120 },
          init: [],
        },
      },
      caches: { pip: "/root/.cache/pip" },
      env: {},
      timeout: 300,
      junit: "out/*.xml",
      coverage: "coverage.xml",
    })
  })

  test("leaves a custom stage's optional keys to their defaults", () => {
    expect(parseConfig("custom: { hello: { image: alpine, commands: [ls] } }").custom.hello).toEqual({
      image: "alpine",
      commands: ["ls"],
      workdir: "",
      inputs: ["**"],
      needs: [],
      services: {},
      caches: {},
      env: {},
      timeout: null,
      junit: null,
      coverage: null,
    })
  })

  test("may repeat settings with anchors and merges", () => {
    const text =
      "stages:\n  lint: &slow { timeout: 10m }\n  types: *slow\n  unit:\n    <<: *slow\n    script: t\n"
    const { lint, types, unit } = parseConfig(text).stages
    expect([lint?.timeout, types?.timeout, unit?.timeout, unit?.script]).toEqual([600, 600, 600, "t"])
  })

  test("may treat the root package alone", () => {
    expect(parseConfig("workspaces: []").workspaces).toEqual([])
  })

  test("may come from Windows", () => {
    expect(parseConfig("\uFEFFproject: a\r\nconcurrency: 2\r\n")).toEqual({
      ...defaultConfig(),
      written: ["project", "concurrency"],
      project: "a",
      concurrency: 2,
    })
  })

  test("does not let one file's settings leak into the next", () => {
    parseConfig("stages: { lint: { enabled: false } }")
    expect(parseConfig("{}")).toEqual(defaultConfig())
  })
})

const { written: _, ...sections } = defaultConfig()
const known = (section: object) => Object.keys(section).join(", ")

describe("an unknown key", () => {
  test.each([
    [
      "stages:\n  install: {}\n  unit: {}\n  lnit: {}\n",
      `4:3: unknown key "lnit" in stages; did you mean "lint"? Known: ${known(defaultConfig().stages)}`,
    ],
    ["stage: {}\n", `1:1: unknown key "stage"; did you mean "stages"? Known: ${known(sections)}`],
    ["images:\n  mirror: x\n", '2:3: unknown key "mirror" in images. Known: prefix, overrides'],
    [
      "stages:\n  unit: { Timeout: 9s }\n",
      '2:11: unknown key "Timeout" in stages.unit; did you mean "timeout"? Known: enabled, script, timeout, env',
    ],
    [
      "custom:\n  a:\n    image: x\n    commands: [y]\n    services: { db: { image: z, port: 1, ports: 2 } }\n",
      '5:42: unknown key "ports" in custom.a.services.db; did you mean "port"? Known: image, port, env, command, ready, init',
    ],
  ])("in %j comes with the nearest and all known ones", (text, expected) => {
    expect(problems(text)).toEqual([`slipway.yaml:${expected}`])
  })
})

describe("a value that does not fit", () => {
  test.each([
    ["- a\n", '1:1: the file: expected a map with keys such as "project", "node", "python", found a list'],
    [
      "hello\n",
      '1:1: the file: expected a map with keys such as "project", "node", "python", found the text "hello"',
    ],
    ["concurrency: many", '1:14: concurrency: expected a whole number from 1 to 64, found the text "many"'],
    ["concurrency: 65", "1:14: concurrency: expected a whole number from 1 to 64, found the number 65"],
    ["concurrency: 0", "1:14: concurrency: expected a whole number from 1 to 64, found the number 0"],
    ["concurrency: 1.5", "1:14: concurrency: expected a whole number from 1 to 64, found the number 1.5"],
    ["concurrency:", "1:13: concurrency: expected a whole number from 1 to 64, found nothing"],
    [
      "node: 15",
      '1:7: node: expected a version of Node.js from 14 to 26: 22, or "20.11.1" in quotes, found the number 15',
    ],
    [
      "node: v22",
      '1:7: node: expected a version of Node.js from 14 to 26: 22, or "20.11.1" in quotes, found the text "v22"',
    ],
    ["project: [a]", "1:10: project: expected a name, found a list"],
    ["workspaces: a", '1:13: workspaces: expected a list of folders, found the text "a"'],
    [
      "workspaces: [a, ../b]",
      '1:17: workspaces[1]: expected a folder in the project, relative to it, found the text "../b"',
    ],
    [
      "ignore: [/etc]",
      '1:10: ignore[0]: expected a glob pattern relative to the project, found the text "/etc"',
    ],
    [
      "stages: [lint]",
      '1:9: stages: expected a map with keys such as "checkout", "install", "prepare", found a list',
    ],
    [
      "stages: { lint: off }",
      '1:17: stages.lint: expected a map with keys such as "enabled", "script", "timeout", found the text "off"',
    ],
    [
      "stages: { lint: { enabled: yes } }",
      '1:28: stages.lint.enabled: expected true or false, found the text "yes"',
    ],
    [
      "stages: { lint: { timeout: 90 } }",
      '1:28: stages.lint.timeout: expected a duration such as "90s", "10m" or "1h", found the number 90',
    ],
    [
      "stages: { lint: { script: --version } }",
      '1:27: stages.lint.script: expected the name of a package.json script, found the text "--version"',
    ],
    [
      "stages: { lint: { env: { PORT: 80 } } }",
      "1:32: stages.lint.env.PORT: expected text (put it in quotes), found the number 80",
    ],
    [
      "stages: { lint: { env: { A-B: x } } }",
      '1:26: name "A-B" in stages.lint.env: expected letters, digits and underscores',
    ],
    [
      "images: { prefix: 'https://a.b' }",
      '1:19: images.prefix: expected a registry and path such as "registry.example.org/dockerhub", found the text "https://a.b"',
    ],
    [
      "postgres: { version: 15.10 }",
      '1:22: postgres.version: expected a version such as "15" (one with a dot in quotes), found the number 15.1',
    ],
    [
      'postgres: { user: "a\';" }',
      '1:19: postgres.user: expected letters, digits, dashes and underscores, no digit first, found the text "a\';"',
    ],
    [
      "custom: { Bad Name: { image: a, commands: [b] } }",
      '1:11: name "Bad Name" in custom: expected lower-case letters, digits and dashes, a letter first',
    ],
    [
      "custom: { a: { commands: [b] } }",
      '1:11: missing key "image" in custom.a: expected an image such as "python:3.13-slim"',
    ],
    [
      "custom: { a: { image: a, commands: [] } }",
      "1:36: custom.a.commands: expected at least one command, found an empty list",
    ],
    [
      "custom: { a: { image: a, commands: ls } }",
      '1:36: custom.a.commands: expected a list of commands, found the text "ls"',
    ],
    [
      "custom: { a: { image: a, commands: [b], services: { db: { image: c, port: 70000 } } } }",
      "1:75: custom.a.services.db.port: expected a port from 1 to 65535, found the number 70000",
    ],
  ])("%j: what is there, and what is expected", (text, expected) => {
    expect(problems(text)).toEqual([`slipway.yaml:${expected}`])
  })

  test("is cut short in the message when it is long", () => {
    expect(problems(`node: ${"x".repeat(500)}`)[0]).toMatch(/found the text "x{39}…"$/)
  })
})

describe("broken YAML", () => {
  const TAB = "a tab is used for indentation, where YAML allows only spaces"
  test.each([
    ["a tab", "stages:\n\tlint: {}\n", `2:1: ${TAB}`],
    ["a tab after spaces", "stages:\n  lint:\n  \tenabled: true\n", `3:3: ${TAB}`],
    ["a tab in place of a block's indentation", "project: |\n\ttext\n", `2:1: ${TAB}`],
    ["a duplicate key", "node: 22\nnode: 24\n", '2:1: duplicate key "node"'],
    ["a duplicate key in quotes", 'node: 22\n"node" : 24\n', '2:1: duplicate key "node"'],
    [
      "a second document",
      "node: 22\n---\nnode: 24\n",
      "2:1: a second document starts here; only one is allowed",
    ],
    ["an alias without anchor", "stages: *none\n", "1:9: alias *none has no anchor before it"],
    ["a tag", "project: !secret x\n", "1:10: a tag (!name) is not allowed"],
    ["an open quote", "project: 'x\n", "2:1: not valid YAML: Missing closing 'quote"],
    ["nesting without end", `project: ${"[".repeat(20_000)}`, /nested too deeply/],
    [
      "aliases that multiply",
      `ignore:\n  - &a [${"x,".repeat(20)}]\n  - &b [${"*a,".repeat(20)}]\n  - &c [${"*b,".repeat(20)}]\n  - [${"*c,".repeat(20)}]`,
      /\d+:\d+: aliases \(\*name\) expand/,
    ],
  ])("%s", (_, text, expected) => {
    const found = problems(text)
    expect(found).toHaveLength(1)
    if (typeof expected === "string") expect(found[0]).toBe(`slipway.yaml:${expected}`)
    else expect(found[0]).toMatch(expected)
  })

  test("does not follow an alias into itself", () => {
    expect(problems("ignore: &a [*a]")).toEqual([
      "slipway.yaml:1:13: alias *a is inside the value that it repeats",
      "slipway.yaml:1:13: ignore[0]: expected a glob pattern relative to the project, found a list",
    ])
  })

  test("counts columns after a byte order mark as an editor does", () => {
    expect(problems("\uFEFFnod: 22")[0]).toMatch(/^slipway\.yaml:1:1: /)
  })
})

describe("several problems", () => {
  test("are told together, in the order of the file", () => {
    const text = "node: 17\ncustom:\n  a: { image: x }\nstages:\n  lnit: {}\nnode: 22\n"
    expect(problems(text).map((line) => line.split(" ")[0])).toEqual([
      "slipway.yaml:3:3:",
      "slipway.yaml:5:3:",
      "slipway.yaml:6:1:",
    ])
  })

  test("are cut at ten, and the rest is counted", () => {
    const text = Array.from({ length: 13 }, (_, index) => `key${index}: 1`).join("\n")
    const lines = problems(text)
    expect(lines).toHaveLength(11)
    expect(lines.at(-1)).toBe("… and 3 more")
  })

  test("are one fault, which says what to do", () => {
    expect(faultOf("nod: 1\nstage: 2")).toMatchObject({
      code: "configuration",
      where: "slipway.yaml",
      fix: "correct slipway.yaml; slipway.schema.json describes its keys, for editors too",
    })
  })

  test("name the file that they are in", () => {
    expect(problems("nod: 1", "app/slipway.yaml")[0]).toMatch(/^app\/slipway\.yaml:1:1: /)
  })
})
