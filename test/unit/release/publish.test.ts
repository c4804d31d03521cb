import { execFileSync } from "node:child_process"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest"
import type { RunRecord } from "../../../ci/src/run/result.js"
import { release } from "../../../cli/commands/release.js"
import { placeOf } from "../../../cli/release/platforms/platforms.js"
import { markedCommit } from "../../../cli/release/publication.js"
import { run } from "../metrics/history.js"
import { type Github, githubApi } from "./github-api.js"
import { type Gitlab, gitlabApi } from "./gitlab-api.js"
import { REPOSITORY, SECRET } from "./platforms.js"

const root = fs.mkdtempSync(path.join(os.tmpdir(), "slipway-publish-"))
const IMAGE = `registry.example.org/team/web@sha256:${"ab".repeat(32)}`
const NAMES = [
  ...["images.txt", "result.json", "report.html", "sbom-web.cdx.json"],
  ...["pushed-result.json", "pushed-sbom-web.cdx.json"],
]

const git = (...words: readonly string[]) =>
  execFileSync("git", ["-C", root, "-c", "user.name=a", "-c", "user.email=a@example.org", ...words], {
    encoding: "utf8",
  }).trim()

const evidence = (file: string, text: string) => {
  fs.mkdirSync(path.dirname(path.join(root, ".slipway", file)), { recursive: true })
  fs.writeFileSync(path.join(root, ".slipway", file), text)
}

let commit = ""
const checked = (verdict: RunRecord["verdict"], of = commit, folder = "") =>
  evidence(`${folder}result.json`, JSON.stringify(run(1, verdict, { commit: of })))

/** Calls `slipway release`. Returns what it printed. */
async function call(platform: string, api: string, ...words: readonly string[]): Promise<string> {
  const out: string[] = []
  const spy = vi.spyOn(process.stdout, "write").mockImplementation((text) => out.push(String(text)) > 0)
  const place = ["--repository", REPOSITORY, "--api", api]
  await release
    .run([root, "--publish", platform, ...place, "--images", IMAGE, ...words])
    .finally(() => spy.mockRestore())
  return out.join("")
}

let [github, gitlab]: [Github, Gitlab] | [] = []
const servers = () => {
  if (!github || !gitlab) throw new Error("the servers do not run")
  return { github, gitlab }
}

beforeAll(() => {
  git("init", "--quiet")
  git("commit", "--quiet", "--allow-empty", "-m", "feat: books visits")
  commit = git("rev-parse", "HEAD")
  git(
    "tag",
    "--annotate",
    "--cleanup=whitespace",
    "-m",
    "## 1.3.0 (2026-03-31)\n\n### Features\n\n- books visits",
    "v1.3.0",
  )
  evidence("report.html", "<html></html>")
  evidence("sbom/web.cdx.json", "{}")
  evidence("pushed/sbom/web.cdx.json", "{}")
  evidence("junit.xml", "")
  evidence("logs/test.log", "not for everybody")
})
afterAll(() => fs.rmSync(root, { recursive: true, force: true }))
beforeEach(async () => {
  vi.stubEnv("RELEASE_TOKEN", SECRET)
  ;[github, gitlab] = [await githubApi(), await gitlabApi()]
  for (const { tags } of [github, gitlab]) tags.set("v1.3.0", commit)
  checked("passed")
  checked("passed", commit, "pushed/")
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await Promise.all([github?.close(), gitlab?.close()])
})

/** What a platform shows of the release. */
const shown = {
  github: () =>
    servers().github.releases.map((one) => ({ ...one, files: one.assets.map(({ name }) => name) })),
  gitlab: () =>
    servers().gitlab.releases.map(({ name, description, links }) => ({
      name,
      body: description,
      draft: false,
      prerelease: name.endsWith("(pre-release)"),
      files: links.map((link) => link.name),
    })),
}

describe.each(["github", "gitlab"] as const)("a release of %s", (name) => {
  const server = () => servers()[name]
  const publish = (...words: readonly string[]) => call(name, server().url, ...words)

  test("is shown by a dry run, published once, and not again", async () => {
    const plan = await publish("--dry-run")
    expect(server().changes).toEqual([])
    expect(plan).toContain(`v1.3.0, a release of commit ${commit}`)
    expect(plan).toContain(`### Features\n\n- books visits\n\n### Images\n\n- \`${IMAGE}\``)
    const would = plan.split("\n").filter((line) => line.startsWith("would "))
    expect(would.map((line) => line.split(" ").slice(1, 3).join(" "))).toEqual([
      "create the",
      ...NAMES.map((file) => `upload ${file}`),
      "publish the",
    ])

    const done = await publish()
    expect(done.split("\n").slice(-would.length - 1, -1)).toEqual(
      would.map((line) => line.replace("would ", "")),
    )
    expect(shown[name]()).toMatchObject([{ name: "1.3.0", draft: false, prerelease: false, files: NAMES }])
    expect(markedCommit(shown[name]()[0]?.body ?? "")).toBe(commit)

    const before = [...server().changes]
    expect(await publish()).toContain("v1.3.0 is published already, with all its files")
    expect(server().changes).toEqual(before)
  })

  test("that broke off is completed by the next run", async () => {
    if (name === "github") github?.breaksOff("result.json")
    // The third file: two reads of files and a POST or PUT for each before it.
    else
      server().next.push(...Array.from({ length: 4 }, () => null), { status: 403, body: { message: "no" } })
    await expect(publish()).rejects.toMatchObject({ kind: "not-published" })
    expect(shown[name]().filter(({ draft }) => !draft)).toEqual([])
    await publish()
    expect(shown[name]()).toMatchObject([{ draft: false }])
    expect(shown[name]()[0]?.files.toSorted()).toEqual(NAMES.toSorted())
  })

  test("never changes: other evidence, another commit or another author's release is refused", async () => {
    await publish()
    evidence("sbom/web.cdx.json", '{"another": 1}')
    await expect(publish()).rejects.toMatchObject({
      kind: "release-refused",
      what: "v1.3.0 is published with another sbom-web.cdx.json",
    })
    evidence("sbom/web.cdx.json", "{}")
    server().rewrite(`notes <!-- slipway release ${"f".repeat(40)} -->`)
    await expect(publish()).rejects.toMatchObject({ what: expect.stringContaining("the tag moved") })
    server().rewrite("written by hand")
    await expect(publish()).rejects.toMatchObject({
      kind: "release-refused",
      what: "a release of v1.3.0 is there, which Slipway did not publish",
    })
  })

  test("needs its tag at the platform, at the same commit", async () => {
    server().tags.set("v1.3.0", "e".repeat(40))
    await expect(publish()).rejects.toMatchObject({
      kind: "release-refused",
      what: expect.stringContaining("one of the tags moved"),
    })
    server().tags.delete("v1.3.0")
    await expect(publish()).rejects.toMatchObject({ kind: "release-refused", fix: "git push origin v1.3.0" })
    expect(server().changes).toEqual([])
  })

  test("needs a token that is right, and never shows it", async () => {
    vi.stubEnv("RELEASE_TOKEN", "wrong")
    await expect(publish()).rejects.toMatchObject({
      kind: "not-published",
      what: expect.stringMatching(/refused GET .*: 401/),
    })
    vi.stubEnv("RELEASE_TOKEN", "a\nb")
    await expect(publish()).rejects.toMatchObject({ kind: "usage", what: "RELEASE_TOKEN holds no token" })
  })

  test("waits for the end of a short rate limit, and says when a long one ends", async () => {
    server().next.push({ status: 429, headers: { "retry-after": "1" } })
    await publish("--dry-run")
    const headers = { "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(Date.now() / 1000 + 3000) }
    server().next.push({ status: name === "github" ? 403 : 429, headers })
    await expect(publish()).rejects.toMatchObject({
      kind: "not-published",
      what: expect.stringContaining("the rate limit is exceeded until 20"),
    })
  })

  test("is a pre-release where its version is one", async () => {
    git(
      "tag",
      "--annotate",
      "--cleanup=whitespace",
      "-m",
      "## 1.4.0-rc.1 (2026-04-01)\n\n- more",
      "v1.4.0-rc.1",
    )
    server().tags.set("v1.4.0-rc.1", commit)
    await publish("--pre", "rc").finally(() => git("tag", "--delete", "v1.4.0-rc.1"))
    expect(shown[name]()).toMatchObject([{ prerelease: true, draft: false }])
  })
})

describe("nothing is published", () => {
  const publish = (...words: readonly string[]) => call("github", servers().github.url, ...words)

  test.each([
    ["of a red check", () => checked("failed"), ".slipway is failed"],
    [
      "of images that are red as they were pushed",
      () => checked("failed", commit, "pushed/"),
      "pushed is failed",
    ],
    ["of another commit's check", () => checked("passed", "d".repeat(40)), "is of commit dddddddddddd"],
  ])("%s", async (_, set, what) => {
    set()
    await expect(publish()).rejects.toMatchObject({
      kind: "release-refused",
      what: expect.stringContaining(what),
    })
  })

  test("for a tag without notes, an image without its digest, or an unknown platform", async () => {
    await expect(publish("--images", "registry.example.org/web:1")).rejects.toMatchObject({ kind: "usage" })
    await expect(call("gitea", "")).rejects.toMatchObject({
      kind: "usage",
      what: expect.stringContaining("gitea"),
    })
    git("tag", "v1.3.1")
    await expect(publish().finally(() => git("tag", "--delete", "v1.3.1"))).rejects.toMatchObject({
      kind: "release-refused",
      what: "the tag v1.3.1 has no notes: it is not annotated",
    })
  })

  test("where the platform is unreachable", async () => {
    await expect(call("github", "http://127.0.0.1:1")).rejects.toMatchObject({
      kind: "not-published",
      what: expect.stringContaining("GitHub is unreachable: 127.0.0.1:1"),
    })
  })
})

test("the repository is read from git's address", () => {
  const place = { host: "git.example.org", path: "team/clinic" }
  expect(placeOf("https://user:word@git.example.org/team/clinic.git")).toEqual(place)
  expect(placeOf("ssh://git@git.example.org:2222/team/clinic")).toEqual(place)
  expect(placeOf("git@git.example.org:team/clinic.git")).toEqual(place)
  expect(placeOf("/srv/clinic")).toBeNull()
})
