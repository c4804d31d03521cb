import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { describe, expect, test } from "vitest"
import { repository } from "../../../engine/host/repository.js"
import { coveredDigest, filesAt, readGreen, recordGreen, whyRun } from "../../suite/green.js"
import { fileOf, RARE, type RareSuite } from "../../suite/rare.js"

const suites: readonly (readonly [string, RareSuite])[] = Object.entries(RARE)

describe("the table of rare suites", () => {
  test("has an entry for each file in test/rare, and no other", () => {
    const files = fs
      .readdirSync(path.join(repository(), "test/rare"))
      .filter((name) => name.endsWith(".test.ts"))
    expect(files.sort()).toEqual(suites.map(([name]) => path.basename(fileOf(name))).sort())
  })

  test.each(
    suites.flatMap(([name, { covers }]) => covers.map((file) => [name, file] as const)),
  )("%s covers files by %s", (_, glob) => {
    expect(filesAt(repository(), [glob])).not.toEqual([])
  })

  test("is that of CONTRIBUTING.md", () => {
    const page = fs.readFileSync(path.join(repository(), "CONTRIBUTING.md"), "utf8")
    for (const [name, { shows, covers }] of suites)
      expect(page).toContain(
        `| \`${name}\` | ${shows} | ${covers.map((file) => `\`${file}\``).join(" ")} |\n`,
      )
  })
})

describe("the digest of what a suite covers", () => {
  const suite: RareSuite = { shows: "", covers: ["src"], minutes: 1 }
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "slipway-rare-"))
  const write = (file: string, text: string) => {
    fs.mkdirSync(path.dirname(path.join(folder, file)), { recursive: true })
    fs.writeFileSync(path.join(folder, file), text)
  }
  const digest = () => coveredDigest(folder, "small", suite)
  write("test/rare/small.test.ts", "a test")
  write("src/deep/a.ts", "one")

  test.each([
    ["the suite's own file", "test/rare/small.test.ts", true],
    ["a file in a folder that it covers", "src/deep/a.ts", true],
    ["a new file there", "src/.hidden.ts", true],
    ["another file", "other/a.ts", false],
    ["what a tool made there", "src/node_modules/a.ts", false],
  ])("depends on %s: %s, %s", (_what, file, expected) => {
    const before = digest()
    write(file, "changed")
    expect(digest() !== before).toBe(expected)
  })

  test("is recorded, and tells why a suite runs", () => {
    expect(whyRun(readGreen(folder), "small", digest())).toMatch(/no green run/)
    recordGreen(folder, "small", digest())
    expect(whyRun(readGreen(folder), "small", digest())).toBeNull()
    write("src/deep/a.ts", "changed again")
    expect(whyRun(readGreen(folder), "small", digest())).toMatch(/changed since/)
  })
})
