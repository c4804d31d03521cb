/**
 * Serves the images that containers of tests are made of, as a registry: each is pulled by the engine, whose mirrors, logins
 * and caches count for it as for all other images.
 *
 *   node registry.ts <prefix of Docker Hub's images, or ""> <their other references by name, as JSON> <port> […]
 *
 * `GET /slipway/pulls` says what became of the images, as JSON: `refused`, reasons by image; `pulled`, their variables.
 */
import { execFileSync } from "node:child_process"
import { createReadStream, existsSync, mkdirSync, readFileSync, rmSync, statSync } from "node:fs"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"

const [prefix = "", overrides = "{}", ...ports] = process.argv.slice(2)
const others: Readonly<Record<string, string>> = JSON.parse(overrides)
const FOLDER = "/images"
const QUERY = `query ($address: String!, $path: String!) {
  container { from(address: $address) { export(path: $path, forcedCompression: Uncompressed, mediaTypes: DockerMediaTypes) } }
}`

interface Descriptor {
  readonly digest: string
  readonly mediaType: string
}

/** Files of blobs and manifests, by digest. */
const blobs = new Map<string, string>()
const refused: Record<string, string> = {}
const variables: Record<string, readonly string[]> = {}
const pulls = new Map<string, Promise<Descriptor>>()

/** `postgres:16` of `library/postgres`, `16`, which Docker asks its mirror for. */
function referenceOf(host: string, repository: string, tag: string): string {
  if (!["", "images"].includes(host)) return `${host}/${repository}:${tag}`
  const name = repository.replace(/^library\//, "")
  return others[name] ?? [prefix, `${name}:${tag}`].filter(Boolean).join("/")
}

/** Has the engine pull an image, and takes it over. */
async function pull(address: string): Promise<Descriptor> {
  const folder = `${FOLDER}/${pulls.size}`
  mkdirSync(folder, { recursive: true })
  const user = Buffer.from(`${process.env.DAGGER_SESSION_TOKEN}:`)
  const response = await fetch(`http://127.0.0.1:${process.env.DAGGER_SESSION_PORT}/query`, {
    method: "POST",
    headers: {
      authorization: `Basic ${user.toString("base64")}`,
      "content-type": "application/json",
    },
    body: JSON.stringify({ query: QUERY, variables: { address, path: `${folder}.tar` } }),
  })
  const { errors } = (await response.json()) as { readonly errors?: readonly { readonly message: string }[] }
  if (errors) throw new Error(errors.map(({ message }) => message).join(" "))
  execFileSync("tar", ["-xf", `${folder}.tar`, "-C", folder])
  rmSync(`${folder}.tar`)
  const { manifests } = JSON.parse(readFileSync(`${folder}/index.json`, "utf8"))
  const [manifest]: readonly Descriptor[] = manifests
  if (manifest === undefined) throw new Error("the engine gave an empty image")
  const file = (digest: string) => `${folder}/blobs/${digest.replace(":", "/")}`
  const { config, layers } = JSON.parse(readFileSync(file(manifest.digest), "utf8"))
  for (const { digest } of [manifest, config, ...layers]) blobs.set(digest, file(digest))
  variables[address] = JSON.parse(readFileSync(file(config.digest), "utf8")).config?.Env ?? []
  return manifest
}

/** Pulls an image once, however many ask for it. */
function pulled(address: string): Promise<Descriptor> {
  const known = pulls.get(address)
  if (known) return known
  const one = pull(address)
  pulls.set(address, one)
  one.catch((error) => {
    console.log(`${address}: ${error.message}`)
    refused[address] = String(error.message)
  })
  return one
}

const BY_DIGEST = "the engine hands on no image by its digest. Name its tag"

const PATH = /^\/v2\/(?<repository>.+)\/(?<kind>manifests|blobs)\/(?<reference>[^?]+)/

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { url = "/", headers } = request
  if (url === "/slipway/pulls") return void response.end(JSON.stringify({ refused, pulled: variables }))
  const { repository = "", kind, reference = "" } = PATH.exec(url)?.groups ?? {}
  if (kind === undefined)
    return void response.writeHead(200, { "content-type": "application/json" }).end("{}")
  const isTag = kind === "manifests" && !reference.includes(":")
  const host = (headers.host ?? "").replace(/:\d+$/, "")
  const manifest = isTag ? await pulled(referenceOf(host, repository, reference)) : null
  const digest = manifest?.digest ?? reference
  const file = blobs.get(digest)
  if (file === undefined || !existsSync(file)) {
    const image = `${host}/${repository}@${digest}`
    // Docker asks Docker Hub itself then, and the other registries nowhere else.
    if (kind === "manifests" && host !== "images") refused[image] = BY_DIGEST
    throw new Error(`${image} is not here`)
  }
  const mediaType = kind === "blobs" ? "application/octet-stream" : mediaTypeOf(file)
  response.writeHead(200, {
    "content-type": mediaType,
    "content-length": statSync(file).size,
    "docker-content-digest": digest,
  })
  if (request.method === "HEAD") return void response.end()
  createReadStream(file).pipe(response)
}

const mediaTypeOf = (file: string): string => JSON.parse(readFileSync(file, "utf8")).mediaType

for (const port of ports)
  createServer((request, response) => {
    answer(request, response).catch((error: Error) => {
      response.writeHead(404, { "content-type": "application/json" })
      response.end(JSON.stringify({ errors: [{ code: "MANIFEST_UNKNOWN", message: error.message }] }))
    })
  }).listen(Number(port))
