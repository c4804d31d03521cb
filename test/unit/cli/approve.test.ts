import { execFileSync, spawnSync } from "node:child_process"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { afterAll, describe, expect, test } from "vitest"
import { statementText } from "../../../ci/src/deploy/environment/statement.js"
import { approved } from "../../../cli/commands/approve.js"
import { repository } from "../../../engine/host/repository.js"
import { signerOf } from "../../../modules/deploy/program/core/approvals/ssh.ts"
import { keyPart } from "../../../modules/deploy/program/environment/people.ts"

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "slipway-approve-"))
afterAll(() => fs.rmSync(folder, { recursive: true }))

const git = (...args: readonly string[]) =>
  execFileSync("git", ["-C", folder, "-c", "user.name=a", "-c", "user.email=a@x.org", ...args], {
    encoding: "utf8",
  })
git("init", "--quiet")
git("commit", "--quiet", "--allow-empty", "-m", "Add a calendar")
fs.writeFileSync(path.join(folder, "slipway.yaml"), "environments: { production: {} }\n")
const key = path.join(folder, "key")
execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", key])

const IMAGE = `registry.example.org/web@sha256:${"a".repeat(64)}`
const LINE = ["--env", "production", "--images", IMAGE, "--key", key, folder]

describe("approve", () => {
  test("signs commit, images and environment with an SSH key, and shows what it signs", () => {
    const { line: out, shown: err } = approved(LINE)
    const { approval, signature } = JSON.parse(out)
    const commit = git("rev-parse", "HEAD").trim()
    expect(approval).toMatchObject({ environment: "production", commit, images: [IMAGE] })
    expect(signerOf(statementText(approval), signature, "slipway")).toBe(
      keyPart(fs.readFileSync(`${key}.pub`, "utf8")),
    )
    expect(err).toMatch(
      new RegExp(`^approves +production\ncommit +${commit} {2}Add a calendar\nimage +${IMAGE}\ntime`),
    )
    expect(out.trim().split("\n")).toHaveLength(1)
  })

  const without = (option: string) =>
    LINE.filter((_, index) => LINE[index] !== option && LINE[index - 1] !== option)
  test.each([
    ["no environment", without("--env"), /--env is missing/],
    ["no images", without("--images"), /--images is missing/],
    [
      "an unknown environment",
      [...LINE, "--env", "prodution"],
      /no environment "prodution"; did you mean production/,
    ],
    ["an unknown commit", [...LINE, "--commit", "nowhere"], /no commit nowhere/],
    ["a tag instead of a digest", [...LINE, "--images", "registry.example.org/web:1"], /has no digest/],
    ["a key that is not there", [...LINE, "--key", "/nowhere"], /no key at \/nowhere/],
  ])("refuses %s", (_what, args, message) => expect(() => approved(args)).toThrow(message))
})

test("approvals: without a commit nobody has approved anything, with an exit code of its own", () => {
  const program = path.join(repository(), "slipway")
  const bare = fs.mkdtempSync(path.join(folder, "bare-"))
  const env = { ...process.env, GIT_CEILING_DIRECTORIES: folder }
  const { status, stderr } = spawnSync(program, ["approvals", "ada"], { cwd: bare, env, encoding: "utf8" })
  expect(stderr).toContain("the commit is unknown")
  expect(status).toBe(65)
})
