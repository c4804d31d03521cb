import * as fs from "node:fs"
import * as http from "node:http"
import * as os from "node:os"
import * as path from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { serveMirror, wantedImage } from "../../../engine/mirror.js"
import type { Recipe } from "../../../engine/recipes/index.js"

const PULL = "/v2/library/node/manifests/22?ns=docker.io"
const DIGEST = "sha256:1f3a"
const KEPT = `/v2/library/node/manifests/${DIGEST}`

let folder = ""
let servers: http.Server[] = []
/** Manifests that the registry holds, by path. */
let held: Set<string> = new Set()
let pushed: string[] = []
let made: string[] = []
let logged: string[] = []
let refusal: string | null = null

const at = (name: string) => path.join(folder, name)

beforeEach(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "slipway-mirror-"))
  held = new Set()
  pushed = []
  made = []
  logged = []
  refusal = null
  const registry = http.createServer((request, response) => {
    const name = (request.url ?? "").replace(/\?.*/, "")
    if (request.method === "PUT") pushed.push(name)
    response.writeHead(held.has(name) || request.method === "PUT" ? 200 : 404)
    response.end(request.method === "HEAD" ? undefined : `manifest ${name}`)
  })
  servers = [registry]
  await listening(registry.listen(at("registry")))
})

afterEach(() => {
  for (const server of servers) server.closeAllConnections()
  for (const server of servers) server.close()
  fs.rmSync(folder, { recursive: true, force: true })
})

const listening = (server: http.Server) =>
  new Promise<void>((resolve) => server.once("listening", () => resolve()))

async function mirror(make: (image: Recipe) => Promise<void>): Promise<void> {
  const server = serveMirror({
    socket: at("mirror"),
    registrySocket: at("registry"),
    pinned: () => (held.has(KEPT) ? DIGEST : null),
    refusal: () => refusal,
    make(image) {
      made.push(`${image.name}:${image.tag}`)
      return make(image)
    },
    log: (message) => logged.push(message),
  })
  servers.push(server)
  await listening(server)
}

interface Answer {
  readonly status: number
  readonly reason: string
  readonly body: string
}

function ask(url: string, method = "GET"): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = http.request({ socketPath: at("mirror"), path: url, method }, (response) => {
      let body = ""
      response.on("data", (chunk) => {
        body += chunk
      })
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, reason: response.statusMessage ?? "", body }),
      )
    })
    request.on("error", reject)
    request.end()
  })
}

const makes = async () => {
  await sleep(20)
  held.add(KEPT)
}

describe("a request to the mirror", () => {
  test.each([
    ["GET", PULL, "node"],
    ["HEAD", "/v2/library/postgres/manifests/15-alpine?ns=docker.io", "postgres"],
    ["GET", "/v2/nginxinc/nginx-unprivileged/manifests/1.27?ns=docker.io", "nginxinc/nginx-unprivileged"],
    ["PUT", PULL, undefined],
    ["GET", KEPT, undefined],
    ["GET", "/v2/library/node/manifests/22?ns=ghcr.io", undefined],
    ["GET", "/v2/library/node/manifests/sha256:00?ns=docker.io", undefined],
    ["GET", "/v2/library/node/blobs/sha256:00?ns=docker.io", undefined],
    ["GET", "/v2/", undefined],
  ])("%s %s wants %s", (method, url, name) => {
    expect(wantedImage(method, url)?.name).toBe(name)
  })
})

describe("an image of the list", () => {
  test("is made once, however many ask at once, under whichever of its tags", async () => {
    await mirror(makes)
    const tags = ["22-slim", "22-trixie-slim", "22-bookworm-slim"]
    const urls = [...tags, ...tags].map((tag) => `/v2/library/node/manifests/${tag}?ns=docker.io`)
    const answers = await Promise.all(urls.map((url) => ask(url)))
    expect(answers.map(({ status }) => status)).toEqual(urls.map(() => 200))
    expect(new Set(answers.map(({ body }) => body))).toEqual(new Set([`manifest ${KEPT}`]))
    expect(made).toEqual(["node:22-bookworm-slim"])
  })

  test("is not made where the registry has it", async () => {
    held.add(KEPT)
    await mirror(() => Promise.reject(new Error("not to be made")))
    expect((await ask(PULL)).status).toBe(200)
    expect(made).toEqual([])
  })

  test("is refused with the engine's words in the status line, and not made", async () => {
    await mirror(makes)
    refusal = "node is not built here. Type `make node`"
    expect(await ask(PULL)).toMatchObject({ status: 405, reason: refusal })
    expect(made).toEqual([])
    refusal = null
    expect(await ask(PULL)).toMatchObject({ status: 200 })
  })

  test("is served where it is made, even if its making is refused", async () => {
    held.add(KEPT)
    await mirror(makes)
    refusal = "not now"
    expect(await ask(PULL)).toMatchObject({ status: 200 })
  })

  test("that cannot be made is refused with the reason, and tried again at the next pull", async () => {
    let fail = true
    await mirror(async () => {
      if (fail) throw new Error("the package mirror\nis out of reach")
      await makes()
    })
    const { status, reason, body } = await ask(PULL)
    expect([status, reason]).toEqual([424, "the package mirror is out of reach"])
    expect(JSON.parse(body)).toMatchObject({ errors: [{ message: "the package mirror\nis out of reach" }] })
    expect(logged).toEqual(["node: the package mirror\nis out of reach"])
    fail = false
    expect((await ask(PULL)).status).toBe(200)
  })
})

test("what is pushed goes to the registry, and makes nothing", async () => {
  await mirror(() => Promise.reject(new Error("not to be made")))
  expect((await ask(KEPT, "PUT")).status).toBe(200)
  expect(await ask(KEPT)).toMatchObject({ status: 404 })
  expect(pushed).toEqual([KEPT])
  expect(made).toEqual([])
})

test("an image that is not of the list is not found", async () => {
  await mirror(makes)
  expect((await ask("/v2/library/nothing/manifests/1?ns=docker.io")).status).toBe(404)
  expect(made).toEqual([])
})

test("a registry that is gone is an answer, not a hang", async () => {
  await mirror(makes)
  servers[0]?.closeAllConnections()
  servers[0]?.close()
  expect((await ask(PULL)).status).toBeGreaterThanOrEqual(400)
  expect((await ask(KEPT)).status).toBe(502)
})
