import { execFileSync } from "node:child_process"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { afterAll, describe, expect, test, vi } from "vitest"
import { CHOSEN, GENERATED } from "../../../ci/src/project/ignore.js"
import { requestOptions, withContext } from "../../../cli/request.js"
import { folderFiles, gitFiles } from "../../../cli/sources/files.js"
import { historyFolder } from "../../../cli/sources/history.js"
import { sparseFiles } from "../../../cli/sources/sparse.js"
import { stage } from "../../../cli/sources/staging.js"

const work = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "slipway-sources-")))
afterAll(() => {
  vi.unstubAllEnvs()
  fs.rmSync(work, { recursive: true, force: true })
})

const git = (folder: string, ...args: readonly string[]) =>
  execFileSync("git", ["-C", folder, "-c", "user.name=Ada", "-c", "user.email=ada@example.org", ...args], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  }).trim()

/** Makes a folder of files; a text that begins with `->` is a symbolic link. */
function folderOf(name: string, files: Readonly<Record<string, string>>): string {
  const folder = path.join(work, name)
  for (const [file, text] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(folder, file)), { recursive: true })
    if (text.startsWith("->")) fs.symlinkSync(text.slice(2), path.join(folder, file))
    else fs.writeFileSync(path.join(folder, file), text)
  }
  return folder
}

function repositoryOf(name: string, files: Readonly<Record<string, string>>): string {
  const folder = folderOf(name, files)
  git(folder, "init", "--quiet", "--initial-branch=main")
  git(folder, "add", "--all", "--force")
  git(folder, "commit", "--quiet", "--message", "first")
  return folder
}

const filesOf = (app: string) => [...(gitFiles(app)?.files ?? [])].sort()

describe("the files of a repository", () => {
  test("are the tracked and the new ones, and none that git ignores", () => {
    const app = repositoryOf("plain", {
      ".gitignore": "coverage\n.env\ndist/\n",
      "src/coverage/insured.js": "1",
      "test/node_modules/fixture/index.js": "1",
      "gone.js": "1",
    })
    folderOf("plain", {
      ".env": "KEY=1",
      "dist/bundle.js": "1",
      "node_modules/a/index.js": "1",
      "new file.js": "1",
      "private/notes": "1",
    })
    fs.appendFileSync(path.join(app, ".git/info/exclude"), "private\n")
    fs.rmSync(path.join(app, "gone.js"))
    expect(filesOf(app)).toEqual([
      ".gitignore",
      "new file.js",
      "src/coverage/insured.js",
      "test/node_modules/fixture/index.js",
    ])
  })

  test("keep their names, whatever they are", () => {
    const names = ["(group)/[id].js", "-n", "#1", "!a", "$HOME", "größe", 'it\'s "q"', "a\nb", "🍐 pear"]
    const app = repositoryOf("names", Object.fromEntries(names.map((name) => [name, "1"])))
    expect(filesOf(app)).toEqual(names.toSorted())
  })

  test("are named where git has names that are not UTF-8, and the engine cannot", () => {
    const app = repositoryOf("latin", { "a.js": "1" })
    fs.writeFileSync(
      Buffer.concat([Buffer.from(`${app}/gr`), Buffer.from([0xf6, 0xdf]), Buffer.from(".js")]),
      "1",
    )
    expect(filesOf(app)).toEqual(["a.js"])
    const notes: string[] = []
    requestOptions(app, [], false, (line) => notes.push(line))
    expect(notes.join()).toContain("1 file not checked: the names are not UTF-8")
  })

  test("are those of the app's folder, and of the submodules in it", () => {
    const inner = repositoryOf("inner", { "lib.js": "1", ".gitignore": "made\n", made: "1" })
    const app = repositoryOf("outer", { "apps/shop/a.js": "1", "apps/other/b.js": "1" })
    git(app, "-c", "protocol.file.allow=always", "submodule", "add", "--quiet", inner, "apps/shop/vendor")
    git(app, "-c", "protocol.file.allow=always", "submodule", "add", "--quiet", inner, "apps/shop/missing")
    git(app, "submodule", "deinit", "--quiet", "--force", "apps/shop/missing")
    expect(filesOf(path.join(app, "apps/shop"))).toEqual([
      "a.js",
      "vendor/.gitignore",
      "vendor/lib.js",
      "vendor/made",
    ])
  })

  test("are no file below one that took its folder's place", () => {
    const app = repositoryOf("moved", { "a/x.js": "1", "b/y.js": "1" })
    fs.rmSync(path.join(app, "a"), { recursive: true })
    fs.writeFileSync(path.join(app, "a"), "now a file")
    expect(filesOf(app)).toEqual(["a", "b/y.js"])
  })

  test("are not known to git in a folder without one, or that it ignores", () => {
    expect(gitFiles(folderOf("none", { "a.js": "1" }))).toBeNull()
    const app = repositoryOf("ignoring", { ".gitignore": "scratch\n" })
    folderOf("ignoring/scratch", { "a.js": "1" })
    expect(gitFiles(path.join(app, "scratch"))).toBeNull()
  })

  test("without git are all but what tools make", () => {
    const app = folderOf("archive", {
      "src/coverage/insured.js": "1",
      "coverage/lcov-report/index.html": "1",
      "node_modules/a/index.js": "1",
      "a.tsbuildinfo": "1",
    })
    expect(folderFiles(app, GENERATED).files).toEqual(["src/coverage/insured.js"])
  })
})

test("the files that a sparse checkout leaves out are those of the index, links among them", () => {
  const app = repositoryOf("sparse", {
    "apps/shop/a.js": "1",
    "apps/mail/größe.js": "2",
    "apps/mail/link": "->../shop/a.js",
    "apps/mail/gone.js": "1",
  })
  fs.rmSync(path.join(app, "apps/mail/gone.js"))
  git(app, "commit", "--quiet", "--all", "--message", "second")
  const place = path.join(work, "laid-out")
  expect(sparseFiles(app, place)).toEqual(new Map())
  git(app, "sparse-checkout", "set", "apps/shop")
  expect(fs.existsSync(path.join(app, "apps/mail"))).toBe(false)
  expect(filesOf(app)).toEqual(["apps/shop/a.js"])
  const found = sparseFiles(app, place)
  expect([...found.keys()].sort()).toEqual(["apps/mail/größe.js", "apps/mail/link"])
  expect(fs.readFileSync(found.get("apps/mail/größe.js") ?? "", "utf8")).toBe("2")
  expect(fs.readlinkSync(found.get("apps/mail/link") ?? "")).toBe("../shop/a.js")
  const [file] = sparseFiles(path.join(app, "apps"), place).values()
  expect(fs.existsSync(file ?? "")).toBe(true)
})

describe("a staged folder", () => {
  const from = (file: string) => ({ from: file })

  test("holds exactly the files, by hard links, and keeps what is right", () => {
    const app = folderOf("stage/app", { "a/b.js": "1", c: "->a/b.js", d: "2" })
    const out = path.join(work, "stage/out")
    const files = (...names: readonly string[]) =>
      new Map(names.map((name) => [name, from(path.join(app, name))] as const))
    stage(out, files("a/b.js", "c", "d"))
    expect(fs.statSync(path.join(out, "a/b.js")).ino).toBe(fs.statSync(path.join(app, "a/b.js")).ino)
    expect(fs.readlinkSync(path.join(out, "c"))).toBe("a/b.js")
    fs.rmSync(path.join(app, "d"))
    fs.writeFileSync(path.join(app, "d"), "3")
    stage(out, files("c", "d"))
    expect(fs.readdirSync(out).sort()).toEqual(["c", "d"])
    expect(fs.readFileSync(path.join(out, "d"), "utf8")).toBe("3")
  })

  test("replaces a file by a folder, and back", () => {
    const app = folderOf("kinds/app", { a: "1", "b/a": "2" })
    const out = path.join(work, "kinds/out")
    stage(out, new Map([["a", from(path.join(app, "a"))]]))
    stage(out, new Map([["a/a", from(path.join(app, "b/a"))]]))
    expect(fs.readFileSync(path.join(out, "a/a"), "utf8")).toBe("2")
    stage(out, new Map([["a", from(path.join(app, "a"))]]))
    expect(fs.readFileSync(path.join(out, "a"), "utf8")).toBe("1")
  })
})

describe("the history", () => {
  const commits = (history: string) =>
    git(work, `--git-dir=${history}/.git`, "log", "--format=%s", "HEAD").split("\n")

  test("of a plain repository is its folder", () => {
    const app = repositoryOf("whole", { "sub/a.js": "1" })
    expect(historyFolder(path.join(app, "sub"), path.join(work, "whole-history"))).toBe(app)
  })

  test("of a repository with relative working trees is laid out without what older git refuses", () => {
    const app = repositoryOf("relative", { "a.js": "1" })
    git(app, "config", "extensions.relativeWorktrees", "true")
    const place = path.join(work, "relative-history")
    expect(historyFolder(app, place)).toBe(place)
    git(place, "config", "core.repositoryFormatVersion", "1")
    expect(git(place, "log", "--format=%s")).toBe("first")
  })

  test("of a linked working tree has its own HEAD and the branches of all", () => {
    const main = repositoryOf("main", { "a.js": "1" })
    const linked = path.join(work, "linked")
    git(main, "worktree", "add", "--quiet", "-b", "feature", linked)
    git(linked, "commit", "--quiet", "--allow-empty", "--message", "second")
    const history = historyFolder(linked, path.join(work, "linked-history"))
    expect(commits(history)).toEqual(["second", "first"])
    expect(git(work, `--git-dir=${history}/.git`, "rev-parse", "main")).toBe(git(main, "rev-parse", "HEAD"))
  })

  test("of a clone that borrows objects has them", () => {
    const main = repositoryOf("lender", { "a.js": "1" })
    const clone = path.join(work, "borrower")
    git(work, "clone", "--quiet", "--shared", main, clone)
    const history = historyFolder(clone, path.join(work, "borrower-history"))
    expect(history).not.toBe(clone)
    expect(fs.existsSync(path.join(history, ".git/objects/info/alternates"))).toBe(false)
    expect(commits(history)).toEqual(["first"])
  })
})

test("the base that a command names is in the run context, unless the caller's own names another", () => {
  const base = { base: "abc" }
  expect(withContext(["--rerun"], base)).toEqual(["--run", '{"base":"abc"}', "--rerun"])
  expect(withContext(['--run={"base":"main","change":"7"}'], base)).toEqual([
    "--run",
    '{"base":"main","change":"7"}',
  ])
})

test("a caller's run context overrides single values of the one that is found", () => {
  vi.stubEnv("SLIPWAY_HOME", path.join(work, "home"))
  const app = repositoryOf("context", { "a.js": "1" })
  const options = requestOptions(app, ["--rerun", "--run", '{"base":"main"}'])
  const run = options[options.indexOf("--run") + 1] ?? ""
  expect(JSON.parse(run)).toMatchObject({ base: "main", branch: "main" })
  expect(options.filter((word) => word.startsWith("--run"))).toHaveLength(1)
  const [, source = ""] = options
  expect(fs.readdirSync(path.join(source, CHOSEN, "files"))).toEqual(["a.js"])
})
