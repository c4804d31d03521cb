import { expect, test } from "vitest"
import { interpolate, readEnvFile, shellWords } from "../../../../ci/src/project/declared/values.js"

test.each([
  [`$A \${A} $$A`, "1 1 $A"],
  [`\${B:-x} \${B-x} \${E:-x} \${E-x}`, "x x x "],
  [`\${A:+y}\${B:+y}\${A:?needed}`, "y1"],
  [`\${B:-\${A}}`, "1"],
])("variables of %s are replaced", (text, expected) => {
  expect(interpolate(text, { A: "1", E: "" })).toBe(expected)
})

test("an env file has quotes, comments and variables", () => {
  const text = `# first\nexport A=1\nB="two # words"\nC='$A'\nD=$A/x # note\nE=\n F = f \nnot a line\n`
  expect(readEnvFile(text)).toEqual({ A: "1", B: "two # words", C: "$A", D: "1/x", E: "", F: "f" })
})

test.each([
  [`a "b c" 'd "e'`, ["a", "b c", 'd "e']],
  [String.raw`a\ b "c\"d"`, ["a b", 'c"d']],
  ["-c 'max_connections=400'", ["-c", "max_connections=400"]],
])("%s is split into words", (line, expected) => {
  expect(shellWords(line)).toEqual(expected)
})
