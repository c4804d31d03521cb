import { spawnSync } from "node:child_process"
import { expect, test } from "vitest"
import { repository } from "../../cli/repository.js"

test("the repository passes its own check, by its own slipway.yaml", () => {
  const dagger = process.env._EXPERIMENTAL_DAGGER_CLI_BIN ?? "dagger"
  const { status, stdout, stderr } = spawnSync(dagger, ["--progress=plain", "call", "ci", "--source", "."], {
    cwd: repository(),
    encoding: "utf8",
    timeout: 280_000,
    maxBuffer: 1 << 28,
  })
  expect(status, stderr.slice(-3000)).toBe(0)
  for (const stage of ["install", "lint", "format", "types", "test:unit"])
    expect(stdout).toMatch(`✓ ${stage}`)
})
