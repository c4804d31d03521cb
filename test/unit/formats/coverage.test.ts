import { describe, expect, test } from "vitest"
import { mergeHits, readCoverage } from "../../../ci/src/formats/coverage-reader.js"
import { coberturaXml, lcovText } from "../../../ci/src/formats/coverage-writer.js"

const read = (text: string, folder = "") =>
  Object.fromEntries(
    [...readCoverage(text, { root: "/app", folder })].map(([file, lines]) => [
      file,
      Object.fromEntries(lines),
    ]),
  )

const lcov = (...files: string[]) =>
  files.map((file) => `TN:\nSF:${file}\nDA:1,2\nDA:2,0\nLF:2\nLH:1\nend_of_record\n`).join("")

const cobertura = (source: string, file: string) => `<?xml version="1.0" ?>
<!DOCTYPE coverage SYSTEM "http://cobertura.sourceforge.net/xml/coverage-04.dtd">
<coverage version="7.6"><sources><source>${source}</source></sources><packages><package name="."><classes>
<class name="a" filename="${file}"><methods/><lines><line number="1" hits="2"/><line number="2" hits="0"/></lines></class>
</classes></package></packages></coverage>`

const statement = (line: number) => ({ start: { line, column: 0 }, end: { line, column: 9 } })
const istanbul = (file: string) =>
  JSON.stringify({
    [file]: {
      path: file,
      statementMap: { 0: statement(1), 1: statement(2), 2: statement(1) },
      s: { 0: 1, 1: 0, 2: 2 },
    },
  })

const LINES = { 1: 2, 2: 0 }

describe("the reader of coverage", () => {
  test.each([
    ["lcov", lcov("src/a.ts"), "api/src/a.ts"],
    ["lcov with whole paths", lcov("/app/api/src/a.ts"), "api/src/a.ts"],
    ["lcov of a folder beside", lcov("../shared/a.ts"), "shared/a.ts"],
    ["Cobertura", cobertura("/app/api/src", "a.py"), "api/src/a.py"],
    ["Cobertura with relative sources", cobertura(".", "src/a.py"), "api/src/a.py"],
    ["Istanbul's JSON", istanbul("/app/api/src/a.ts"), "api/src/a.ts"],
  ])("reads %s", (_what, text, file) => {
    expect(read(text, "api")).toEqual({ [file]: LINES })
  })

  test.each([
    "/usr/lib/python3/x.py",
    "../../x.ts",
    "node_modules/x/index.js",
    "test/support/x.ts",
    "src/x.test.ts",
    "x.spec.mjs",
    "test_x.py",
    "conftest.py",
  ])("skips dependencies, tests and files outside the project: %s", (file) => {
    expect(read(lcov(file, "src/latest.ts"))).toEqual({ "src/latest.ts": LINES })
  })

  test.each([
    ["", "not lcov, Cobertura"],
    ["all tests passed", "not lcov, Cobertura"],
    ["<testsuites/>", "not a Cobertura report"],
    ["<coverage><", "Invalid"],
    ['{"total":{}}', "not an Istanbul report"],
    ["{", "JSON"],
    ["SF:a.ts\nDA:x,1\nend_of_record\n", "invalid line: x,1"],
    ["SF:a.ts\nDA:0,1\nend_of_record\n", "invalid line: 0,1"],
    ['<!DOCTYPE coverage [<!ENTITY a "b">]><coverage/>', "entity declarations"],
  ])("refuses %j", (text, message) => {
    expect(() => read(text)).toThrow(message)
  })

  test("adds up over several reports, and survives writing and reading", () => {
    const all = mergeHits([
      readCoverage(lcov("src/a.ts", "src/ü & b.ts"), { root: "/app", folder: "" }),
      readCoverage("SF:src/a.ts\nDA:2,3\nDA:9,-1\nend_of_record\n", { root: "/app", folder: "" }),
    ])
    const expected = { "src/a.ts": { 1: 2, 2: 3, 9: 0 }, "src/ü & b.ts": LINES }
    expect(read(lcovText(all))).toEqual(expected)
    expect(read(coberturaXml(all))).toEqual(expected)
    expect(coberturaXml(all)).toContain('line-rate="0.6000" lines-covered="3" lines-valid="5"')
  })
})
