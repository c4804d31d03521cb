import * as fs from "node:fs"
import { describe, expect, it } from "vitest"
import { isFunction } from "../../../cli/commands/index.js"
import { CommandFault } from "../../../cli/fault.js"
import { parseCall } from "../../../cli/module/call.js"
import { innerFunctions, MAIN, mainFunctions, paths } from "../../../cli/module/description.js"
import { groupedFunctions } from "../../../cli/module/groups.js"
import { moduleSources } from "../../../cli/module/load.js"
import { functionManual } from "../../../cli/module/manual.js"
import { readModule } from "../../../cli/module/read.js"

const module = readModule(moduleSources().map((file) => fs.readFileSync(file, "utf8")))

describe("reading the module", () => {
  it("finds every @func of the sources", () => {
    const marks = moduleSources().flatMap(
      (file) => fs.readFileSync(file, "utf8").match(/^ {2}@func\(/gm) ?? [],
    )
    const functions = Object.values(module.objects).flat()
    expect(functions.length).toBe(marks.length)
    expect(paths(module)).toEqual(expect.arrayContaining(["deploy", "scan secrets", "test end-to-end"]))
  })

  it("reads names, texts and arguments", () => {
    const text = `@object() class ${MAIN} {
      constructor(@argument({ defaultPath: "." }) source: Directory, snykToken?: Secret) {}
      /**
       * Takes it.
       *
       * @param toWhere The place.
       */
      @func({ alias: "move", cache: "never" })
      async inside(toWhere: string, times: number = 2, folder?: Directory): Promise<File> {}
      hidden() {}
    }`
    const optional = { required: false, fallback: null, text: "" }
    expect(readModule([text])).toEqual({
      options: [
        { ...optional, name: "source", type: "Directory" },
        { ...optional, name: "snyk-token", type: "Secret" },
      ],
      objects: {
        [MAIN]: [
          {
            name: "move",
            text: "Takes it.",
            result: "File",
            parameters: [
              { name: "to-where", type: "string", required: true, fallback: null, text: "The place." },
              { ...optional, name: "times", type: "number", fallback: "2" },
              { ...optional, name: "folder", type: "Directory" },
            ],
          },
        ],
      },
    })
  })
})

describe("a call of a function", () => {
  const parse = (line: string, folders: readonly string[] = []) =>
    parseCall(module, line.split(" "), (word) => folders.includes(word))

  it.each(paths(module))("accepts `slipway %s FOLDER`", (path) => {
    const expected = { folder: "app", options: [], words: path.split(" ") }
    expect(parse(`${path} app`, ["app"])).toEqual(expected)
  })

  /** The options of a function that take a value. */
  const valued = (path: string) => {
    const [main = "", inner] = path.split(" ")
    const found = mainFunctions(module).filter(({ name }) => name === main)
    const last = found.flatMap((one) => innerFunctions(module, one)).filter(({ name }) => name === inner)
    const all = [...module.options, ...[...found, ...last].flatMap(({ parameters }) => parameters)]
    return all.filter(({ type }) => type !== "boolean").map(({ name }) => `--${name}`)
  }

  it.each(paths(module))("accepts each option of `slipway %s` before the folder and after it", (path) => {
    for (const option of valued(path)) {
      const before = parse(`${path} ${option} value app`, ["app"])
      expect(before, option).toEqual(parse(`${path} app ${option} value`, ["app"]))
      expect(before.folder, option).toBe("app")
      expect([...before.options, ...before.words].join(" ")).toContain(`${option} value`)
    }
  })

  it("accepts the client's own options before the folder", () => {
    expect(parse("plan --progress plain -v --matrix 3 app")).toEqual({
      folder: "app",
      options: [],
      words: "plan --progress plain -v --matrix 3".split(" "),
    })
  })

  it("keeps an option with the function that has it, wherever it stands", () => {
    expect(parse("audit verify --log audit.jsonl").words).toEqual("audit --log audit.jsonl verify".split(" "))
    expect(parse("report export --path out --shard 1/3").words).toEqual(
      "report --shard 1/3 export --path out".split(" "),
    )
  })

  it("refuses a second folder", () => {
    expect(() => parse("lint app other")).toThrow("lint: more than one folder: app, other")
  })

  it("puts options of every function first, with their values", () => {
    expect(parse("lint app --rerun --snyk-token env://TOKEN --progress plain --base=base.json")).toEqual({
      folder: "app",
      options: ["--rerun", "--snyk-token", "env://TOKEN", "--base=base.json"],
      words: ["lint", "--progress", "plain"],
    })
  })

  it("keeps a function's own options with it", () => {
    expect(parse("deploy --env staging --plan --plan-key env://KEY").words).toEqual(
      "deploy --env staging --plan".split(" "),
    )
    expect(parse("audit --log audit.jsonl verify --checkpoint 12ab").words).toEqual(
      "audit --log audit.jsonl verify --checkpoint 12ab".split(" "),
    )
    expect(parse("test --shards 4 unit app")).toMatchObject({
      folder: "app",
      words: ["test", "--shards", "4", "unit"],
    })
  })

  it("goes on with functions of a result that is not text", () => {
    expect(parse("report export --path out")).toMatchObject({
      folder: null,
      words: ["report", "export", "--path", "out"],
    })
    expect(parse("infra plan app --env staging export --path out", ["app"])).toMatchObject({
      folder: "app",
      words: "infra plan --env staging export --path out".split(" "),
    })
  })

  it("passes everything after -- on, unchanged", () => {
    expect(parse("report app -- --rerun export", ["app"]).words).toEqual(["report", "--rerun", "export"])
  })

  it("suggests the nearest function", () => {
    expect(() => parse("scan codes")).toThrow(/scan codes.*code/)
  })

  it("lists the functions when one is missing", () => {
    expect(() => parse("scan --rerun")).toThrow(CommandFault)
    expect(() => parse("scan")).toThrow(/dependencies, code/)
  })
})

describe("a word that is a command and a function", () => {
  it("is the function when one of its functions is named", () => {
    expect(isFunction(module, ["test", "integration", "app"])).toBe(true)
    expect(isFunction(module, ["test", "engine", "--", "unit"])).toBe(false)
    expect(isFunction(module, ["test", "rare", "load"])).toBe(false)
    expect(isFunction(module, ["test"])).toBe(false)
    expect(isFunction(module, ["lint"])).toBe(true)
  })
})

describe("the help", () => {
  it("lists every function once", () => {
    const listed = groupedFunctions(module).flatMap(([, rows]) => rows.map(([name]) => name))
    expect(listed.toSorted()).toEqual(
      mainFunctions(module)
        .map(({ name }) => name)
        .toSorted(),
    )
  })

  it("describes a function with its required options", () => {
    const text = functionManual(module, ["rollback"])
    expect(text).toMatch(/^slipway rollback \[FOLDER\] --env … \[OPTIONS\]$/m)
    expect(text).toMatch(/^ {2}--env STRING .*\(required\)$/m)
  })

  it("describes a function inside another", () => {
    expect(functionManual(module, ["scan", "live"])).toMatch(/^slipway scan live/)
  })
})
