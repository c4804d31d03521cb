import { execFileSync } from "node:child_process"
import * as path from "node:path"
import { expect, test } from "vitest"
import { recordsOf } from "../../../ci/src/formats/json.js"

const FORMATTER = path.resolve("ci/src/quality/tools/sonarjs/formatter.js")

/** What the formatter keeps of messages of ESLint. */
function kept(messages: readonly object[]): readonly unknown[] {
  const results = JSON.stringify([{ filePath: "/app/a.ts", messages }])
  const script = `import format from ${JSON.stringify(FORMATTER)}; console.log(format(${results}, { cwd: "/app", rulesMeta: {} }))`
  const output = execFileSync(process.execPath, ["--input-type=module", "--eval", script], {
    encoding: "utf8",
  })
  return recordsOf(JSON.parse(output).messages).map(({ message }) => message)
}

const unused = (name: string) => ({
  ruleId: "sonarjs/no-unused-vars",
  message: `Remove the declaration of the unused '${name}' variable.`,
})

test("keeps SonarJS' messages and files that do not parse, without names that begin with an underscore", () => {
  const broken = { ruleId: null, fatal: true, message: "Parsing error" }
  const other = { ruleId: "no-console", message: "Unexpected console" }
  expect(kept([unused("_rest"), unused("rest"), broken, other])).toEqual([
    unused("rest").message,
    broken.message,
  ])
})
