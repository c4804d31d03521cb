import { describe, expect, it } from "vitest"
import {
  clean,
  cleanLog,
  escapeHtml,
  escapeXmlAttribute,
  jsonForScript,
  lastLines,
  oneLine,
  stripAnsi,
  truncate,
} from "../../../ci/src/formats/clean.js"
import { duration, plural, thousands } from "../../../ci/src/formats/figures.js"

describe("clean", () => {
  it.each([
    ["colours", "\u001b[1;31mred\u001b[0m", "red"],
    ["colours as one character", "\u009b31mred", "red"],
    ["cursor movement", "a\u001b[2K\u001b[1Gb", "ab"],
    ["window titles", "\u001b]0;owned\u0007text", "text"],
    ["hyperlinks", "\u001b]8;;http://example.invalid\u001b\\text\u001b]8;;\u001b\\", "text"],
    ["charset switches", "\u001b(Btext", "text"],
  ])("removes %s", (_, dirty, cleaned) => expect(stripAnsi(dirty)).toBe(cleaned))

  it("ends an unterminated sequence at the end of its line", () => {
    expect(stripAnsi("\u001b]0;never ends\nnext line")).toBe("\nnext line")
  })

  it("shows control characters as pictures, and keeps line feeds and tabs", () => {
    expect(clean("a\u0000b\u007f\tc\r\nd\ud800\ufffe\u202E")).toBe("a␀b␡\tc\nd���")
  })

  it("keeps text before a carriage return, except progress in a log", () => {
    expect(clean("hidden\rshown")).toBe("hidden␍shown")
    expect(cleanLog("10%\r50%\r100%\r\ndone\n")).toBe("100%\ndone\n")
  })

  it("accepts text of nothing but escapes", () => {
    expect(stripAnsi("\u001b[".repeat(200_000)).length).toBeLessThanOrEqual(200_000)
  })
})

describe("cutting", () => {
  it("never cuts a character in half", () => {
    expect(truncate("ab😀cd", 4)).toBe("ab…")
    expect(truncate("abc", 3)).toBe("abc")
  })

  it("turns all white space into single blanks", () => expect(oneLine(" a\n\n  b\tc ")).toBe("a b c"))

  it("returns the last lines, without blank lines at the end", () => {
    expect(lastLines("a\nb\nc\n\n", 2)).toEqual(["b", "c"])
    expect(lastLines("\n \n", 2)).toEqual([])
  })
})

describe("escaping", () => {
  it("escapes all markup", () =>
    expect(escapeHtml(`<a b="c" d='e'>&`)).toBe("&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;"))
  it("keeps line feeds in XML attributes", () => expect(escapeXmlAttribute("a\n\tb")).toBe("a&#10;&#9;b"))
  it("never closes a script element", () => {
    const value = { text: "</script><!-- <script>" }
    expect(jsonForScript(value)).not.toContain("<")
    expect(JSON.parse(jsonForScript(value))).toEqual(value)
  })
})

describe("figures", () => {
  it.each([
    [0, "0 ms"],
    [840.4, "840 ms"],
    [999.6, "1.0 s"],
    [3249, "3.2 s"],
    [59_949, "59.9 s"],
    [59_960, "1 min 00 s"],
    [125_000, "2 min 05 s"],
    [3_599_600, "1 h 00 min"],
    [3_900_000, "1 h 05 min"],
    [-5, "0 ms"],
    [Number.NaN, "0 ms"],
  ])("formats %d ms as %s", (ms, text) => expect(duration(ms)).toBe(text))

  it("counts things, with grouped digits", () => {
    expect(thousands(1_234_567)).toBe("1,234,567")
    expect([plural(1, "test"), plural(5000, "test")]).toEqual(["1 test", "5,000 tests"])
  })
})
