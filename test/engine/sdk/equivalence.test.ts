import * as fs from "node:fs"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type Called, dagger, message, smallRoot, workspace } from "./modules.js"

/**
 * Each function of a module that uses every feature, called through the fast path and through the SDK's own
 * entry: the same output, the same exit code, the same error.
 */
interface Case {
  readonly name: string
  readonly module?: string
  readonly args: readonly string[]
  /** What both must print, where that isn't plain from their being equal. */
  readonly prints?: string
  readonly code?: number
  readonly error?: string
}

const ROOT = "<root>"

const call = (name: string, args: string, rest: Partial<Case> = {}): Case => ({ name, args: args.split(" "), ...rest })

const CASES: readonly Case[] = [
  call("string argument and state", "greet --name you", { prints: "hello you" }),
  call("constructor argument", "--prefix hey greet --name you", { prints: "hey you" }),
  call("field", "prefix", { prints: "hello" }),
  call("field with a core object", "source entries", { prints: "default.txt" }),
  call("field with enums", "colours", { prints: "Red\nBlue" }),
  call("default of a constant", "add --a 4", { prints: "7" }),
  call("negative numbers", "add --a=-4 --b=-1", { prints: "-5" }),
  call("integer division that has no rest", "divide --a 6 --b 3", { prints: "2" }),
  call("integer division that has one", "divide --a 1 --b 2", { code: 1, error: "cannot return float" }),
  call("float", "ratio --a 1", { prints: "0.4" }),
  call("boolean", "flip --value=true", { prints: "false" }),
  call("zero", "zero", { prints: "0" }),
  call("empty text", "empty"),
  call("alias of a type", "shouted --text quiet", { prints: "QUIET" }),
  call("inferred return type", "inferred --a 3", { prints: "3:number" }),
  call("void", "nothing"),
  call("optional, left out", "optional", { prints: "undefined" }),
  call("optional, given", "optional --text x", { prints: "x" }),
  call("nullable, left out", "nullable", { prints: "null" }),
  call("nullable with default", "nullable-default", { prints: "null" }),
  call("several defaults", "several --first 1", { prints: '["1","second","undefined","fourth"]' }),
  call("several defaults, given", "several --first 1 --third 3 --fourth 4"),
  call("variadic", "variadic --first a --rest b,c", { prints: "a 2 b+c" }),
  call("variadic, empty", "variadic --first a", { prints: "a 0 " }),
  call("list default", "list-default", { prints: "a\nb" }),
  call("null result", "maybe --give=false"),
  call("nullable result", "maybe --give=true", { prints: "given" }),
  call("object default", "object-default", { prints: "Default (7) hush #0f0" }),
  call("list", "list --count 3", { prints: "0\n1\n2" }),
  call("empty list", "list --count 0"),
  call("nested list", "nested --json"),
  call("floats", "floats --json"),
  call("list argument", "sum --numbers 1,2,3", { prints: "6" }),
  call("object", "person --name Eve --age 4 introduce", { prints: "Eve (4) hush #0f0" }),
  call("object chain with private state", "person --name Eve older --years 2 introduce", { prints: "Eve (9) hush! #0f0" }),
  call("aliased field", "person --name Eve full-name", { prints: "Eve" }),
  call("field with a default", "person --name Eve favourite", { prints: "Green" }),
  call("float of an object", "person --name Eve half", { prints: "3.5" }),
  call("list of objects", "everyone full-name"),
  call("list of objects, called", "everyone introduce"),
  call("unexported object", "hidden shown", { prints: "found" }),
  call("type object", "point --x 1 --y 2 --json"),
  call("type object within another", "path points x"),
  call("enum in a type object", "path colour", { prints: "Blue" }),
  call("aliased function", "--prefix a again greet --name b", { prints: "a+ b" }),
  call("aliased by text", "--counter 5 old-alias", { prints: "counter 5" }),
  call("enum, default", "paint", { prints: "painted #0f0" }),
  call("enum, given", "paint --colour Blue", { prints: "painted #00f" }),
  call("enum, unknown", "paint --colour Pink", { code: 1 }),
  call("enum list in, enum out", "mix --colours Blue,Red", { prints: "Blue" }),
  call("enum list out", "palette", { prints: "Green\nRed" }),
  call("core enum, default", "mode", { prints: "SHARED" }),
  call("core enum out", "core-enum", { prints: "LOCKED" }),
  call("file", "file --text inside contents", { prints: "inside" }),
  call("list of directories", "directories entries"),
  call("contextual directory", "contextual", { prints: "dagger.json\npackage.json\nsrc\ntsconfig.json" }),
  call("contextual file", "context-file", { prints: "dagger.json" }),
  call("scalar", "platform"),
  call("module's name", "module-name", { prints: "features" }),
  call("module's files", "module-files"),
  call("where it runs", "where"),
  call("file beside its source", "own-source", { prints: 'export const GREETING = "hello"' }),
  call("dynamic import", "later", { prints: "LATE" }),
  call("error", "fail --message oops", { code: 1, error: "oops" }),
  call("error with several lines", "fail --message one\ntwo", { code: 1, error: "one\ntwo" }),
  call("error after an await", "fail-later", { code: 1, error: "later" }),
  call("thrown text", "fail-with-text", { code: 1, error: "just text" }),
  call("thrown object", "fail-with-object", { code: 1, error: '{"code":7,"why":["a","b"]}' }),
  call("error with a cause", "fail-with-cause", { code: 1, error: "outer" }),
  call("result that fits no type", "wrong-result x", { code: 1, error: "could not find result property z" }),
  call("error of the engine", "engine-error", { code: 1 }),
  call("exit code of a command", `exits --root ${ROOT} --code 9`, { code: 9 }),
  { name: "exit code with a message of its own", args: ["exits", "--root", ROOT, "--code", "9", "--message", "nine\nit was"], code: 9, error: "nine\nit was" },
  call("expected exit code", `any-exit --root ${ROOT} --code 4`, { prints: "4" }),
  call("shape of an error", `error-shape --root ${ROOT}`),
  call("service of its own", `talks --root ${ROOT}`, { prints: "from the service" }),
  ...["listen", "listen-all", "passed-back", "renamed", "brood", "other-module"].map((name) => call(`another module: ${name}`, name, { module: "pond" })),
]

const MODULES = ["features", "mallard", "pond"]

describe("the fast path and the stock entry", () => {
  let folders: { readonly fast: string; readonly stock: string }
  let root: string

  beforeAll(async () => {
    folders = { fast: workspace(MODULES), stock: workspace(MODULES, "stock") }
    root = smallRoot()
    // Built once, before calls run side by side.
    for (const folder of Object.values(folders)) expect(await dagger(folder, ["call", "-m", "pond", "listen"])).toMatchObject({ code: 0 })
  }, 600_000)
  afterAll(() => {
    for (const folder of [...Object.values(folders), root]) fs.rmSync(folder, { recursive: true })
  })

  it.concurrent.for(CASES)("$name", { timeout: 240_000 }, async ({ module = "features", args, prints, code = 0, error }, { expect }) => {
    const given = ["call", "-m", module, ...args.map((arg) => (arg === ROOT ? root : arg))]
    const [fast, stock] = await Promise.all([dagger(folders.fast, given), dagger(folders.stock, given)])
    expect(told(fast)).toEqual(told(stock))
    expect(fast.code).toBe(code)
    if (prints !== undefined) expect(fast.stdout.trimEnd()).toBe(prints.trimEnd())
    if (error !== undefined) expect(message(fast)).toContain(error)
  })

  it("list the same functions and checks", { timeout: 240_000 }, async () => {
    for (const args of [["functions"], ["call", "--help"], ["call", "several", "--help"], ["call", "person", "--help"], ["check", "-l"]]) {
      const [fast, stock] = await Promise.all([folders.fast, folders.stock].map((folder) => dagger(`${folder}/features`, args)))
      expect(fast?.stdout).toBe(stock?.stdout)
      expect(fast?.code).toBe(0)
    }
  })

  it("print what the function prints into the progress", { timeout: 240_000 }, async () => {
    for (const folder of Object.values(folders)) {
      const { stdout, stderr } = await dagger(folder, ["call", "-m", "features", "prints"])
      expect(stdout.trim()).toBe("printed")
      for (const line of ["to stdout", "to stderr", "without a newline"]) expect(stderr).toContain(line)
    }
  })

  it("run checks with the same verdicts", { timeout: 240_000 }, async () => {
    for (const folder of Object.values(folders)) {
      const [passes, fails] = await Promise.all(["passes", "fails"].map((name) => dagger(`${folder}/features`, ["check", name])))
      expect(passes?.code).toBe(0)
      expect(fails?.code).toBe(1)
      expect(fails?.stderr).toContain("the check failed")
    }
  })
})

const told = (called: Called) => ({ code: called.code, stdout: called.stdout, error: message(called) })
