import * as fs from "node:fs"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type Called, dagger, message, smallRoot, workspace } from "../engine/sdk/modules.js"
import { packageTests } from "../engine/sdk/package-tests.js"

/*
 * A module that uses every feature, called through the fast path and through the SDK's own entry: the same
 * results, the same exit codes, the same errors. Some results are odd; they are so on a stock engine too.
 */

/** What the case shows, the field that is asked for, and its value. */
type Field = readonly [name: string, field: string, value: unknown]

/** What TypeScript and the engine say by themselves: the fast path alone is asked. */
const PLAIN: readonly Field[] = [
  ["a text argument and the object's state", `greet(name: "you")`, "hello you"],
  ["a field", "prefix", "hello"],
  ["a default that is a constant", "add(a: 4)", 7],
  ["negative numbers", "add(a: -4, b: -1)", -5],
  ["an integer from a division", "divide(a: 6, b: 3)", 2],
  ["a float", "ratio(a: 1.0, b: 2.5)", 0.4],
  ["a boolean", "flip(value: true)", false],
  ["zero", "zero", 0],
  ["an empty text", "empty", ""],
  ["an alias of a type", `shouted(text: "quiet")`, "QUIET"],
  ["an inferred type", "inferred(a: 3)", "3:number"],
  ["nothing", "nothing", null],
  ["an optional argument left out", "optional", "undefined"],
  ["an optional argument", `optional(text: "x")`, "x"],
  ["several defaults, some given", `several(first: "1", third: 3, fourth: "4")`, '["1","second",3,"4"]'],
  ["a variadic argument", `variadic(first: "a", rest: ["b", "c"])`, "a 2 b+c"],
  ["a list as default", "listDefault", ["a", "b"]],
  ["what may be null", "maybe(give: true)", "given"],
  ["an object as default", "objectDefault", "Default (7) hush #0f0"],
  ["a list", "list(count: 3)", ["0", "1", "2"]],
  ["an empty list", "list(count: 0)", []],
  ["a list of floats", "floats", [0.5, 1, 2.25]],
  ["a list as argument", "sum(numbers: [1, 2, 3])", 6],
  ["an object", `person(name: "Eve", age: 4) { introduce }`, { introduce: "Eve (4) hush #0f0" }],
  ["a type object", "point(x: 1, y: 2) { x y }", { x: 1, y: 2 }],
  ["a function aliased by a text", "oldAlias", "counter 1"],
  ["an enum", "paint(colour: BLUE)", "painted #00f"],
  ["enums in, an enum out", "mix(colours: [BLUE, RED])", "BLUE"],
  ["a file", `file(text: "inside") { contents }`, { contents: "inside" }],
  ["a list of core objects", "directories { entries }", [{ entries: ["a"] }, { entries: ["b"] }]],
  ["a contextual file", "contextFile", "dagger.json"],
  ["the module's name", "moduleName", "features"],
  ["a file beside its source", "ownSource", `export const GREETING = "hello"`],
  ["a dynamic import", "later", "LATE"],
  ["a generator", "generated { isEmpty }", { isEmpty: false }],
  ["a field with a core object", "source { entries }", { entries: ["default.txt"] }],
  ["a field with enums", "colours", ["RED", "BLUE"]],
  [
    "a list of objects, from private state",
    "everyone { introduce }",
    [{ introduce: "Person 8 (30) hush #0f0" }, { introduce: "Person 8 (7) hush #0f0" }],
  ],
  ["an object that is not exported", "hidden { shown word }", { shown: "found", word: "found" }],
  [
    "a type object with others in it",
    "path { points { x y } colour }",
    {
      points: [
        { x: 1, y: 2 },
        { x: 3, y: 4 },
      ],
      colour: "BLUE",
    },
  ],
  [
    "an aliased function",
    `again { greet(name: "b") oldAlias }`,
    { greet: "hello+ b", oldAlias: "counter 2" },
  ],
  ["enums out", "palette", ["GREEN", "RED"]],
  ["a scalar", "platform", "linux/amd64"],
  ["the module's source", "moduleFiles", ["index.ts", "shared/", "types.ts"]],
  ["an enum's default", "paint", "painted #0f0"],
]

/** What is decided by the SDK and the engine. */
const FIELDS: readonly Field[] = [
  ["a float, its default read as an integer", "ratio(a: 1.0)", 0.5],
  ["a nullable argument left out", "nullable", "null"],
  ["a nullable argument with a default", "nullableDefault", "null"],
  ["several defaults", `several(first: "1")`, '["1","second","undefined","fourth"]'],
  ["a variadic argument left out", `variadic(first: "a")`, "a 0 "],
  ["null for a text, which the engine has as empty", "maybe(give: false)", ""],
  [
    "private state through a chain",
    `person(name: "Eve") { older(years: 2) { introduce } }`,
    { older: { introduce: "Eve (9) hush! #0f0" } },
  ],
  [
    "fields of an object, one with an alias",
    `person(name: "Eve") { fullName age favourite half }`,
    { fullName: "Eve", age: 7, favourite: "GREEN", half: 3.5 },
  ],
  // Not of CacheSharingMode: an engine that restarted cannot read a kept value of it, which it writes in lower case.
  ["a core enum, its value as the SDK writes it", "coreEnum", "UDP"],
  [
    "a contextual directory, some ignored",
    "contextual",
    ["dagger.json", "package.json", "src/", "tsconfig.json"],
  ],
  ["where it runs", "where", "/src/features/src index.ts file:///src/features/src/index.ts /scratch"],
]

const WITH_ARGUMENTS: readonly Field[] = [
  ["the constructor's arguments", `greet(name: "you")`, "hey you"],
  ["the constructor's private state", "oldAlias", "counter 5"],
]

/** Between modules: an interface of one, an object of the other. */
const POND: readonly Field[] = [
  ["an interface's function", "listen", "Mallory quacks, Mallory quacks"],
  ["a list of an interface", "listenAll", ["Mallory quacks", "Drake quacks"]],
  ["an interface from an interface", "renamed", "Donald"],
]

const POND_ALIKE: readonly Field[] = [
  ["an interface passed back", "passedBack", "Mallory quacks, Mallory quacks, Mallory quacks"],
  ["interfaces from an interface", "brood", ["Huey", "Dewey"]],
  ["another module's objects", "otherModule", "Eve (6) hush! #0f0 3"],
]

/** What the case shows, the arguments of `dagger call`, how it ends. */
interface Ending {
  readonly args: string
  readonly code?: number
  readonly error?: string
  readonly stdout?: string
}

const ROOT = "<root>"

/** What the fast path alone is asked. */
const ENDINGS: Readonly<Record<string, Ending>> = {
  "a fraction for an integer": { args: "divide --a 1 --b 2", code: 1, error: "cannot return float '0.5'" },
  "an unknown member of an enum": { args: "paint --colour Pink", code: 1, error: "Pink" },
  "a directory and a list": { args: `files --directory ${ROOT}/usr/local`, stdout: "bin/" },
  "a secret": { args: "length --token env://SECRET_WORD", stdout: "4" },
  "an error": { args: "fail --message oops", code: 1, error: "oops" },
  "an error after an await": { args: "fail-later", code: 1, error: "later" },
  "a thrown text": { args: "fail-with-text", code: 1, error: "just text" },
  "an error with a cause": { args: "fail-with-cause", code: 1, error: "outer" },
  "a command's exit code": { args: `exits --root ${ROOT} --code 9`, code: 9 },
  "an exit code that was expected": { args: `any-exit --root ${ROOT} --code 4`, stdout: "4" },
}

/** What is decided by the SDK and the engine. */
const ENDINGS_ALIKE: Readonly<Record<string, Ending>> = {
  "an error of several lines": { args: "fail --message one\ntwo", code: 1, error: "one\ntwo" },
  "a thrown object": { args: "fail-with-object", code: 1, error: '{"code":7,"why":["a","b"]}' },
  "a result that fits no type": {
    args: "wrong-result x",
    code: 1,
    error: "could not find result property z",
  },
  "an error of the engine": { args: "engine-error", code: 1 },
  "a command's exit code with another message": {
    args: `exits --root ${ROOT} --code 9 --message nine\nwas-it`,
    code: 9,
    error: "nine\nwas-it",
  },
  "what an error has": { args: `error-shape --root ${ROOT}` },
  "a service that the function talks to": { args: `talks --root ${ROOT}`, stdout: "from the service" },
}

const ENTRIES = ["fast", "stock"] as const
const MODULES = ["features", "mallard", "pond"]
const LONG = { timeout: 300_000 }

describe("a module through the stock entry", LONG, () => packageTests("stock"))

describe("the fast path and the stock entry", () => {
  const folders = { fast: "", stock: "" }
  let root = ""

  beforeAll(() => {
    for (const entry of ENTRIES) folders[entry] = workspace(MODULES, entry)
    root = smallRoot()
  })
  afterAll(() => {
    for (const folder of [...Object.values(folders), root])
      fs.rmSync(folder, { recursive: true, force: true })
  })

  const each = <T>(
    entries: readonly (typeof ENTRIES)[number][],
    run: (folder: string) => Promise<T>,
  ): Promise<T[]> => Promise.all(entries.map((entry) => run(folders[entry])))
  const both = <T>(run: (folder: string) => Promise<T>): Promise<T[]> => each(ENTRIES, run)

  describe.each([
    ["features", "with", PLAIN, ["fast"]],
    ["features", "with", FIELDS, ENTRIES],
    ["features", `with(prefix: "hey", counter: 5)`, WITH_ARGUMENTS, ENTRIES],
    ["pond", "", POND, ["fast"]],
    ["pond", "", POND_ALIKE, ENTRIES],
  ] as const)("give the same results: %s %s", (module, constructed, fields, entries) => {
    let results: readonly (readonly unknown[])[] = []
    beforeAll(async () => {
      results = await each(entries, async (folder) => {
        const values: unknown[] = []
        // The engine runs what one query asks for side by side, and each is a process of Node.
        for (let start = 0; start < fields.length; start += 8)
          values.push(...(await ask(folder, module, constructed, fields.slice(start, start + 8))))
        return values
      })
    }, 600_000)

    it.each(fields.map(([name, , value], i) => ({ name, value, i })))("$name", ({ value, i }) => {
      expect(results.map((result) => result[i])).toEqual(entries.map(() => value))
    })
  })

  describe.each([
    [ENDINGS, ["fast"]],
    [ENDINGS_ALIKE, ENTRIES],
  ] as const)("end alike", (endings, entries) => {
    it.each(Object.entries(endings))("%s", LONG, async (_, { args, code = 0, error, stdout }) => {
      const given = args.split(" ").map((arg) => arg.replace(ROOT, root))
      const ended = await each(entries, (folder) =>
        dagger(folder, ["call", "-m", "features", ...given], { SECRET_WORD: "hush" }),
      )
      for (const one of ended) {
        expect(told(one)).toEqual(told(ended[0]))
        expect(one.code).toBe(code)
        if (stdout !== undefined) expect(one.stdout.trim()).toBe(stdout)
        if (error !== undefined) expect(message(one)).toContain(error)
      }
    })
  })

  it.each([
    "functions",
    "call --help",
    "call several --help",
    "call person --help",
    "check -l",
    "generate -l",
  ])("are described alike: dagger %s", LONG, async (args) => {
    const [fast, stock] = await both((folder) => dagger(`${folder}/features`, args.split(" ")))
    expect(fast?.stdout).toBe(stock?.stdout)
    expect(fast?.code).toBe(0)
  })

  it("show what the function prints", LONG, async () => {
    for (const called of await both((folder) => dagger(folder, ["call", "-m", "features", "prints"]))) {
      expect(called.stdout.trim()).toBe("printed")
      for (const line of ["to stdout", "to stderr", "without a newline"])
        expect(called.stderr).toContain(line)
    }
  })

  it("give checks the same verdicts", LONG, async () => {
    for (const check of ["passes", "fails"]) {
      const [fast, stock] = await both((folder) => dagger(`${folder}/features`, ["check", check]))
      expect(fast?.code).toBe(stock?.code)
      expect(fast?.code === 0).toBe(check === "passes")
    }
  })
})

const told = (called: Called | undefined) =>
  called && { code: called.code, stdout: called.stdout, error: message(called) }

/** Asks for fields of a module's object and gives their values. */
async function ask(
  folder: string,
  module: string,
  constructed: string,
  fields: readonly Field[],
): Promise<unknown[]> {
  const selection = `{ ${fields.map(([, field], i) => `f${i}: ${field}`).join("\n")} }`
  const query = constructed ? `{ ${constructed} ${selection} }` : selection
  const called = await dagger(folder, ["query", "-m", `./${module}`], {}, query)
  expect(message(called)).toBe("")
  const answer: Record<string, Record<string, unknown>> = JSON.parse(called.stdout)
  const object = constructed ? answer.with : answer
  return fields.map((_, i) => object?.[`f${i}`])
}
