import { execFileSync } from "node:child_process"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { afterAll, describe, expect, test } from "vitest"
import { checkOut } from "../../cli/base.js"
import { requestOptions, runContext } from "../../cli/request.js"

const work = fs.mkdtempSync(path.join(os.tmpdir(), "slipway-git-"))
afterAll(() => fs.rmSync(work, { recursive: true, force: true }))

const repository = path.join(work, "shop")
const app = path.join(repository, "apps/till ü")
const git = (...args: string[]) =>
  execFileSync(
    "git",
    ["-C", repository, "-c", "user.name=Ada", "-c", "user.email=ada@example.org", ...args],
    {
      encoding: "utf8",
    },
  ).trim()

function commit(text: string): string {
  fs.writeFileSync(path.join(app, "a file.txt"), text)
  git("add", "-A")
  git("commit", "--quiet", "-m", text)
  return git("rev-parse", "HEAD")
}

fs.mkdirSync(app, { recursive: true })
git("init", "--quiet", "--initial-branch=main")
const first = commit("one")
git("checkout", "--quiet", "-b", "change")
const last = commit("two")
git("checkout", "--quiet", "main")
commit("three")
git("checkout", "--quiet", "change")

const folder = () => fs.mkdtempSync(path.join(work, "out-"))

describe("the base of a change", () => {
  test("is where the change left the branch that it is compared with", () => {
    const out = folder()
    expect(checkOut(app, "main", out)).toBe(first)
    expect(fs.readFileSync(path.join(out, "a file.txt"), "utf8")).toBe("one")
  })

  test("has the files' own modes, so that what ran on them is remembered", () => {
    const out = folder()
    checkOut(app, "HEAD", out)
    const mode = (of: string) => fs.statSync(path.join(of, "a file.txt")).mode
    expect(mode(out)).toBe(mode(app))
  })

  test.each([
    ["nothing-like-it", /commit not found/],
    ["--upload-pack=x", /commit not found/],
  ])("%s is refused", (reference, message) => {
    expect(() => checkOut(app, reference, folder())).toThrow(message)
  })

  test("outside of a repository is refused", () => {
    expect(() => checkOut(work, "HEAD", folder())).toThrow("is not in a git repository")
  })
})

test("a call on a laptop says commit and branch, and hands over the whole repository's history", () => {
  const context = runContext(app, {})
  expect(context).toMatchObject({ vendor: null, commit: last, branch: "change" })
  expect(context.actor).toBeTruthy()
  const [, , option, history] = requestOptions(app)
  expect([option, history]).toEqual(["--history", fs.realpathSync(repository)])
  expect(runContext(work, {})).toMatchObject({ commit: null, branch: null })
})
