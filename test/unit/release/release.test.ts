import { execFileSync } from "node:child_process"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { afterAll, describe, expect, test, vi } from "vitest"
import { release } from "../../../cli/commands/release.js"
import { changesOf } from "../../../cli/release/commits.js"
import { notesOf, withNotes } from "../../../cli/release/notes.js"
import { bumpOf, nextVersion, whyNot } from "../../../cli/release/version.js"

const changes = (...messages: readonly string[]) =>
  changesOf(messages.map((message, index) => ({ hash: `${index}`.repeat(40), message })))

describe("commits", () => {
  test.each([
    ["a feature", ["feat(api): cancels visits"], "minor"],
    ["a fix beside others", ["docs: more", "fix: closes the socket", "chore: tools"], "patch"],
    ["a mark that it breaks", ["refactor!: drops the old API"], "major"],
    ["a footer that says so", ["fix: renames\n\nBREAKING CHANGE: clients must ask for v2"], "major"],
    ["a type in capitals", ["Feat: cancels"], "minor"],
    ["no release", ["docs: more", "Merge of things", "feature: is no type"], null],
    ["the word in a text", ["docs: what a BREAKING CHANGE is"], null],
  ])("make a version by %s", (_, messages, bump) => {
    expect(bumpOf(changes(...messages))).toBe(bump)
  })

  test("that are reverted are left out, with what reverts them", () => {
    const reverted =
      'Revert "feat: cancels visits"\n\nThis reverts commit 1111111111111111111111111111111111111111.'
    expect(changes(reverted, "feat: cancels visits", "fix: closes").map(({ subject }) => subject)).toEqual([
      "closes",
    ])
  })
})

describe("the next version", () => {
  const released = (last: string | null, ...tagged: readonly string[]) => ({ tagged, last, manifest: null })

  test.each([
    ["1.2.3", "minor", null, [], "1.3.0"],
    ["1.2.3", "major", null, [], "2.0.0"],
    ["0.4.1", "major", null, [], "0.5.0"],
    ["1.2.3", "minor", "rc", [], "1.3.0-rc.1"],
    ["1.2.3", "minor", "rc", ["1.3.0-rc.9", "1.3.0-rc.10", "1.3.0-beta.3"], "1.3.0-rc.11"],
    ["1.2.3", "major", "rc", ["1.3.0-rc.1"], "2.0.0-rc.1"],
    [null, "minor", null, [], "0.1.0"],
  ] as const)("after %s by a %s change, pre-release %s, is right", (last, bump, pre, tagged, next) => {
    expect(nextVersion(released(last, ...tagged), bump, pre)).toBe(next)
  })

  test("is never one that is there, or goes back", () => {
    expect(whyNot("1.2.0", released("1.3.0"))).toBe("1.2.0 goes back: 1.3.0 is released")
    expect(whyNot("2.0.0", released("1.3.0", "2.0.0"))).toBe("2.0.0 is released already")
    expect(whyNot("1.4", released("1.3.0"))).toBe("1.4 is not a semantic version")
    expect(whyNot("1.4.0", released("1.3.0"))).toBeNull()
  })
})

test("notes have a section for each kind, and go before those of earlier versions", () => {
  const notes = notesOf(
    "2.0.0",
    "2026-03-31",
    changes("feat(api)!: cancels visits", "fix: closes\n\nBREAKING CHANGE: ask\nfor v2"),
  )
  expect(notes).toBe(
    [
      "## 2.0.0 (2026-03-31)",
      "### Breaking changes\n\n- **api:** cancels visits (0000000)\n- ask for v2 (1111111)",
      "### Features\n\n- **api:** cancels visits (0000000)",
      "### Fixes\n\n- closes (1111111)",
    ].join("\n\n"),
  )
  expect(withNotes("", "## 1.0.0")).toBe("# Changelog\n\n## 1.0.0\n")
  expect(withNotes("# Changes\n\nAll of them.\n\n## 1.0.0\n", "## 1.1.0")).toBe(
    "# Changes\n\nAll of them.\n\n## 1.1.0\n\n## 1.0.0\n",
  )
})

describe("slipway release", () => {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), "slipway-release-"))
  afterAll(() => fs.rmSync(root, { recursive: true, force: true }))
  const git = (...args: readonly string[]) =>
    execFileSync("git", ["-C", root, "-c", "user.name=a", "-c", "user.email=a@example.org", ...args], {
      encoding: "utf8",
    })
  const commit = (message: string) => git("commit", "--quiet", "--allow-empty", "-m", message)

  async function call(...words: readonly string[]) {
    const out: string[] = []
    const spies = [
      vi.spyOn(process.stdout, "write").mockImplementation((text) => out.push(String(text)) > 0),
      vi.spyOn(process.stderr, "write").mockImplementation(() => true),
    ]
    for (const name of ["AUTHOR", "COMMITTER"]) {
      vi.stubEnv(`GIT_${name}_NAME`, "a")
      vi.stubEnv(`GIT_${name}_EMAIL`, "a@example.org")
    }
    try {
      await release.run([root, ...words])
      return out.join("")
    } finally {
      for (const spy of spies) spy.mockRestore()
      vi.unstubAllEnvs()
    }
  }

  test("goes from a dry run to a tag, and never twice", async () => {
    git("init", "--quiet")
    await expect(call()).rejects.toMatchObject({ kind: "release-refused", what: "no commit to release" })
    commit("feat: books visits")
    expect(await call()).toMatch(/^0\.1\.0\n\n## 0\.1\.0 \(.*\)\n\n### Features\n\n- books visits/)
    expect(git("tag")).toBe("")

    await call("--changelog")
    await expect(call("--tag")).rejects.toMatchObject({ what: expect.stringContaining("not committed") })
    await expect(call("--changelog")).rejects.toMatchObject({ what: "CHANGELOG.md has 0.1.0 already" })
    git("add", "-A")
    commit("chore: changelog")
    await call("--tag")
    expect(git("tag", "-l", "--format=%(contents)", "v0.1.0")).toContain("### Features\n\n- books visits")
    await expect(call("--tag")).rejects.toMatchObject({ what: "this commit is 0.1.0 already" })

    commit("docs: more")
    await expect(call()).rejects.toMatchObject({
      kind: "release-refused",
      what: expect.stringContaining("nothing to release since 0.1.0"),
    })
    await expect(call("--as", "0.0.9")).rejects.toMatchObject({ what: "0.0.9 goes back: 0.1.0 is released" })
    commit("fix: closes the socket")
    await call("--pre", "rc", "--tag")
    expect(git("tag")).toBe("v0.1.0\nv0.1.1-rc.1\n")
    expect(await call()).toMatch(/^0\.1\.1\n/)
  })

  test("refuses a shallow clone, of which it cannot know the commits", async () => {
    const shallow = path.join(root, "shallow")
    execFileSync("git", ["clone", "--quiet", "--depth=1", `file://${root}`, shallow])
    await expect(release.run([shallow])).rejects.toMatchObject({
      kind: "release-refused",
      what: expect.stringContaining("shallow"),
    })
  })
})
