import { execFile } from "node:child_process"
import * as path from "node:path"
import { promisify } from "node:util"
import { expect, test } from "vitest"
import { MODULE, temporary, write } from "../engine/support.js"

const SDK = "@dagger.io/dagger"

/** The newest SDK of the major version that comes next, betas among them. */
const NEXT = `${SDK}@>=1.0.0-0 <2`

test("the module's types fit the newest SDK of Dagger 1", async () => {
  const folder = temporary("dagger-next")
  const run = (program: string, ...words: readonly string[]) =>
    promisify(execFile)(program, words, { cwd: folder, maxBuffer: 1 << 26 }).then(
      ({ stdout }) => stdout,
      ({ stdout, stderr }) => `${stdout}${stderr}`,
    )
  write(folder, { "package.json": "{}" })
  await run("npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", NEXT)
  const types = (file: string) => [path.join(folder, "node_modules", SDK, "dist/src", file)]
  write(folder, {
    "tsconfig.json": {
      extends: path.join(MODULE, "tsconfig.json"),
      compilerOptions: {
        typeRoots: [path.join(MODULE, "node_modules/@types")],
        paths: { [SDK]: types("index.d.ts"), [`${SDK}/telemetry`]: types("telemetry/index.d.ts") },
      },
      include: [path.join(MODULE, "ci/src"), path.join(MODULE, "modules/*/src")],
      exclude: [],
    },
  })
  const files = await run(path.join(MODULE, "node_modules/.bin/tsc"), "-p", folder, "--listFiles")
  expect(files.split("\n").filter((line) => line.includes("error TS"))).toEqual([])
  const used = files.split("\n").filter((line) => line.endsWith(`${SDK}/dist/src/index.d.ts`))
  expect(used).toEqual(types("index.d.ts"))
})
