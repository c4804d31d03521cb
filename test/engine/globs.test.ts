import * as fs from "node:fs"
import * as path from "node:path"
import { expect, test } from "vitest"
import { engineFilter, escapeGlob, globMatcher } from "../../ci/src/formats/glob.js"
import { GLOBS, PATHS } from "../globs.js"
import { dagger, temporary } from "./support.js"

test("the engine selects the same files by a pattern as Slipway's own code believes", async () => {
  const lists = [...GLOBS, ...PATHS.map((name) => [escapeGlob(name)])]
  const made = PATHS.reduce(
    (query, name) => `${query} { withNewFile(path: ${JSON.stringify(name)}, contents: "")`,
    "",
  )
  const asked = lists.flatMap((globs, i) => {
    const { include } = engineFilter({ include: globs })
    return [
      `in${i}: filter(include: ${JSON.stringify(include)}) { glob(pattern: "**") }`,
      `out${i}: filter(exclude: ${JSON.stringify(include)}) { glob(pattern: "**") }`,
    ]
  })
  const file = path.join(temporary("globs"), "query.graphql")
  fs.writeFileSync(file, `{ directory ${made} { ${asked.join("\n")} } ${"}".repeat(PATHS.length)} }`)
  const { code, said, stdout } = await dagger(path.dirname(file), "query", "-M", "--doc", file)
  expect(code, said).toBe(0)
  const answer = PATHS.reduce((node) => node.withNewFile, JSON.parse(stdout).directory)
  const filesOf = (key: string) => answer[key].glob.filter((name: string) => !name.endsWith("/")).sort()
  for (const [i, globs] of lists.entries()) {
    const selects = globMatcher(globs)
    const sorted = [...PATHS].sort()
    expect(filesOf(`in${i}`), `include ${JSON.stringify(globs)}`).toEqual(sorted.filter(selects))
    expect(filesOf(`out${i}`), `exclude ${JSON.stringify(globs)}`).toEqual(
      sorted.filter((name) => !selects(name)),
    )
  }
})
