import { execFile } from "node:child_process"
import { createHash } from "node:crypto"
import * as fs from "node:fs"
import * as path from "node:path"
import { expect, test } from "vitest"
import { FAULT_CODES } from "../../cli/fault.js"
import { startRegistry } from "./host-registry.js"
import { PASSWORD, USERNAME } from "./registry.js"
import { app, MODULE, QUIET, temporary } from "./support.js"

const LOGIN = `${USERNAME}:${PASSWORD}`
const authorization = `Basic ${Buffer.from(LOGIN).toString("base64")}`

/** Puts an image without layers into a registry. */
async function push(host: string, name: string, tag: string): Promise<void> {
  const at = `http://${host}/v2/${name}/`
  const digest = `sha256:${createHash("sha256").update("{}").digest("hex")}`
  const begun = await fetch(`${at}blobs/uploads/`, { method: "POST", headers: { authorization } })
  const place = new URL(begun.headers.get("location") ?? "", at)
  place.searchParams.set("digest", digest)
  await fetch(place, { method: "PUT", headers: { authorization }, body: "{}" })
  const mediaType = "application/vnd.oci.image.manifest.v1+json"
  const config = { mediaType: "application/vnd.oci.image.config.v1+json", digest, size: 2 }
  const body = JSON.stringify({ schemaVersion: 2, mediaType, config, layers: [] })
  const headers = { authorization, "content-type": mediaType }
  const { status } = await fetch(`${at}manifests/${tag}`, { method: "PUT", headers, body })
  expect(status).toBe(201)
}

const mirror = (login: string, ...args: readonly string[]) =>
  new Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }>((resolve) => {
    const env = { ...process.env, SLIPWAY_MIRROR_LOGIN: login }
    const words = ["mirror", ...args]
    const child = execFile(
      path.join(MODULE, "slipway"),
      words,
      { env, timeout: 600_000 },
      (_, stdout, stderr) => resolve({ code: child.exitCode ?? 255, stdout, stderr }),
    )
  })

test("names what a site's mirror lacks, writes it, and ends with an exit code of its own", async () => {
  const { host } = await startRegistry(5997)
  const address = ["--mirror", `http://${host}`]
  const folder = app({ "slipway.yaml": `${QUIET}custom: { own: { image: "tool:1", commands: ["true"] } }\n` })
  const lists = path.join(temporary("lists"), "lists")
  await push(host, "library/node", "22-bookworm-slim")

  const first = await mirror(LOGIN, folder, ...address, "--write", lists)
  expect(first.code, first.stderr).toBe(FAULT_CODES["mirror-incomplete"].code)
  expect(first.stdout).toMatch(new RegExp(`^missing +image +tool:1 +${host}/library/tool:1 +\\(own\\)$`, "m"))
  expect(first.stdout).not.toMatch(/^\w+ +image +node:22-bookworm-slim /m)
  expect(fs.readFileSync(path.join(lists, "images.txt"), "utf8")).toContain(`tool:1 ${host}/library/tool:1\n`)

  await push(host, "library/tool", "1")
  expect((await mirror(LOGIN, folder, ...address)).stdout).not.toContain("tool:1")

  const refused = await mirror("tester:wrong", folder, ...address)
  expect(refused.stdout).toMatch(/^unreachable +image +tool:1 .* refuses the login: HTTP 401/m)
})
