import { execFile, execFileSync } from "node:child_process"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { promisify } from "node:util"
import { beforeAll, describe, expect, test } from "vitest"
import { OPENTOFU } from "../../ci/src/terraform/version.js"
import { goModule } from "../../engine/go-program.js"
import { aws, infrastructure, isThere, PROGRAMS } from "../engine/infrastructure.js"
import { fileTests, planTests } from "../engine/infrastructure-tests.js"
import { built, temporary, write } from "../engine/support.js"

built(OPENTOFU)

for (const program of PROGRAMS) {
  fileTests(program)
  planTests(program)
}

/** The provider is built from its Go module, and lies in the project: no registry is asked. */
async function provider(folder: string): Promise<void> {
  const source = temporary("provider")
  const sum = "h1:n0CNTMjBfCC5R6LMyuqxJRlgWPUqx0mvSU+ZIhg8EN0="
  fs.cpSync(goModule("github.com/terraform-providers/terraform-provider-local", "v1.4.0", sum), source, {
    recursive: true,
  })
  execFileSync("chmod", ["-R", "u+w", source])
  const platform = `linux_${os.arch() === "arm64" ? "arm64" : "amd64"}`
  const file = `providers/registry.opentofu.org/hashicorp/local/1.4.0/${platform}/terraform-provider-local_v1.4.0_x4`
  await promisify(execFile)(
    "go",
    ["build", "-mod=mod", "-ldflags", "-s -w", "-o", path.join(folder, file), "."],
    {
      cwd: source,
      env: { ...process.env, CGO_ENABLED: "0", GOFLAGS: "-buildvcs=false" },
    },
  )
}

// Side by side: one of them waits for a lock that nobody gives back.
describe("infrastructure", () => {
  const { project, folder, infra, plan, apply, drift, json } = infrastructure("tofu")

  beforeAll(() => provider(project))

  test.concurrent("that another works on is left alone: who and since when is told", async () => {
    const lock = {
      ID: "0b5e0bd1-0f5c-4a3c-8f2e-5b8f0c6f8a11",
      Operation: "OperationTypeApply",
      Who: "carol@ci",
      Created: new Date(Date.now() - 3 * 3_600_000).toISOString(),
      Path: "tofu/lost.tfstate",
    }
    const where = `${aws.url}/tofu/lost.tfstate.tflock`
    await fetch(where, { method: "PUT", body: JSON.stringify(lock) })
    const { code, said } = await plan("locked", "lost")
    expect(said).toContain("is locked by carol@ci for 3 h (apply)")
    expect(code).toBe(61)
    expect(isThere("tofu", "lost.tfstate.tflock")).toBe(true)
    await fetch(where, { method: "DELETE" })
  })

  test.concurrent("that is told to stop ends what it began, and gives the lock back", async () => {
    expect((await plan("slow", "slow")).code).toBe(0)
    const locked = () => isThere("tofu", "slow.tfstate.tflock")
    const applied = apply("slow")
    await until(locked)
    const stopped = await infra(["stop", "--env", "slow"])
    expect(stopped.code, stopped.said).toBe(0)
    const { code, said } = await applied
    expect(said).toContain("apply was stopped by")
    expect(code).toBe(12)
    expect(locked()).toBe(false)
    expect(isThere("tofu", "slow.tfstate")).toBe(true)
  })

  test.concurrent("that others changed is an alert when it was seen twice", async () => {
    expect((await plan("files", "files")).code).toBe(0)
    expect((await apply("files")).code).toBe(0)
    const alert = (name: string) => infra(["alert", "--drift", folder(name)])
    await drift("once", "files")
    expect(json("once", "summary.json")).toMatchObject({ outcome: "seen", exitCode: 0 })
    expect((await alert("once")).code).toBe(0)
    await drift("twice", "files", "--sightings", path.join(folder("once"), "sightings.json"))
    const { code, said } = await alert("twice")
    expect(said).toContain("local_file.note, seen 2 in a row")
    expect(code).toBe(62)
  })

  test("whose state cannot be written keeps it, sealed in the message", async () => {
    expect((await plan("lost", "lost")).code).toBe(0)
    const applied = apply("lost")
    await until(() => isThere("tofu", "lost.tfstate.tflock"))
    deny("s3:PutObject")
    const { code, said } = await applied
    deny()
    expect(said).toMatch(/slow: apply: AWS refuses .*\nThe state of workspace default could not be written/)
    expect(said).toContain("To fix it: save the lines from slipway-sealed-1 on")
    expect(code).toBe(19)
    expect(isThere("tofu", "lost.tfstate")).toBe(false)
    const sealed = /^slipway-sealed-1\n([\w+/=]+\n)+/m.exec(said)?.[0] ?? ""
    write(folder(""), { "errored.sealed": sealed })
    const opened = await infra(["unseal", "--sealed", folder("errored.sealed"), "contents"])
    expect(JSON.parse(opened.said)).toMatchObject({
      version: 4,
      resources: [
        { type: "terraform_data", name: "slow", instances: [{ attributes: { id: expect.any(String) } }] },
      ],
    })
  })
})

/** What AWS refuses from now on. */
function deny(...denied: readonly string[]): void {
  const state = aws.rehearsal.look()
  aws.rehearsal.become({ ...state, scenario: { ...state.scenario, denied } })
}

/** Waits for something to become true, four minutes at most. */
async function until(what: () => boolean): Promise<void> {
  for (let tries = 0; tries < 480; tries++) {
    if (what()) return
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
  throw new Error("it did not become true in four minutes")
}
