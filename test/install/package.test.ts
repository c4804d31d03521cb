import { execFile } from "node:child_process"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { promisify } from "node:util"
import { afterAll, beforeAll, expect, test } from "vitest"
import { VERSION } from "../../ci/src/run/version.js"
import { repository } from "../../engine/host/repository.js"

const work = fs.mkdtempSync(path.join(os.tmpdir(), "slipway-package-"))
afterAll(() => fs.rmSync(work, { recursive: true, force: true }))

const inWork = promisify(execFile)
const npm = (folder: string, ...words: readonly string[]) =>
  inWork("npm", [...words, "--loglevel=error"], { cwd: folder, maxBuffer: 1 << 26 })
const app = path.join(work, "app")
/** Runs the command as a user's script does. */
const slipway = async (...words: readonly string[]) =>
  (await inWork(path.join(app, "node_modules/.bin/slipway"), words, { cwd: app })).stdout

let packed: { readonly files: readonly { readonly path: string }[]; readonly size: number }

beforeAll(async () => {
  fs.mkdirSync(app)
  const { stdout } = await npm(repository(), "pack", "--json", "--pack-destination", work)
  packed = JSON.parse(stdout.slice(stdout.indexOf("[\n")))[0]
  fs.writeFileSync(
    path.join(app, "package.json"),
    '{ "name": "app", "private": true, "scripts": { "lint": "true" } }\n',
  )
  // A repository of the user's, whose commits are not Slipway's.
  await inWork("git", ["init", "--quiet"], { cwd: app })
  const tarball = path.join(work, `slipway-${VERSION}.tgz`)
  await npm(app, "install", "--prefer-offline", "--no-audit", "--no-fund", tarball)
})

test("the package has the command, the module and the engine, and nothing for work on Slipway itself", () => {
  const paths = packed.files.map((file) => file.path)
  const needed = [
    "slipway",
    "cli.mjs",
    "module.json",
    "dagger.json",
    "ci/src/index.ts",
    "ci/package-lock.json",
  ]
  expect(paths).toEqual(expect.arrayContaining([...needed, "modules/deploy/dagger.json", "engine/go/go.mod"]))
  expect(
    paths.filter((file) => /^(test|bench|examples|\.github|\.ci)\/|node_modules|\.test\.ts$/.test(file)),
  ).toEqual([])
  expect(packed.size).toBeLessThan(3_000_000)
  expect(fs.existsSync(path.join(app, "node_modules/vitest"))).toBe(false)
})

test("the installed command knows its version and every function, without a compiler", async () => {
  const commit = await inWork("git", ["rev-parse", "HEAD"], { cwd: repository() })
  expect(await slipway("--version")).toBe(`slipway ${VERSION} (${commit.stdout.slice(0, 12)})\n`)
  expect(await slipway("help", "deploy")).toContain("--break-glass")
  expect(await slipway("completion", "bash")).toContain("complete -o filenames -F _slipway slipway")
})

test("the installed command plans an app on the engine of this machine", async () => {
  expect(await slipway("plan")).toMatch(/^app: Node\.js 22.*\n[\s\S]*lint {2}/)
})
