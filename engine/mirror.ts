import * as fs from "node:fs"
import * as http from "node:http"
import { findRecipe, REGISTRIES, type Recipe } from "./recipes/index.js"

/** What a tag ends with where the image is wanted only if it is made already. */
const IF_MADE = "-if-made"

/** What the mirror asks of its surroundings. */
export interface MirrorOptions {
  /** Where it listens. */
  readonly socket: string
  /** The registry that holds the images made here. */
  readonly registrySocket: string
  /** The digest of an image's stand-in, or null where none was made from today's recipe. */
  readonly pinned: (image: Recipe) => string | null
  /** Makes an image's stand-in, puts it into the registry and pins it. */
  readonly make: (image: Recipe) => Promise<void>
  readonly log: (message: string) => void
}

/** A pull through a mirror says with `ns` whose name it means; a push to this registry has none. */
const MANIFEST = /^\/v2\/(?<repository>.+)\/manifests\/(?<tag>[^?]+)\?ns=(?<registry>[^&]+)$/

/** An image that a registry request asks for, and whether it is to be made where it is not there. */
export interface Wanted {
  readonly image: Recipe
  readonly make: boolean
}

/** The image of the list that a registry request asks the manifest of by tag, or null. */
export function wantedImage(method: string, url: string): Wanted | null {
  const { repository = "", tag = "", registry = "" } = MANIFEST.exec(url)?.groups ?? {}
  if (!["GET", "HEAD"].includes(method) || !REGISTRIES.some((known) => known === registry)) return null
  const make = !tag.endsWith(IF_MADE)
  const name = registry === "docker.io" ? repository : `${registry}/${repository}`
  const image = findRecipe(name, make ? tag : tag.slice(0, -IF_MADE.length))
  return image && { image, make }
}

/**
 * Serves the registry protocol on a Unix socket: everything comes from the local registry, and the first
 * request for an image of the list waits until its stand-in is made. Each is made once, however many ask, and
 * served by its digest from then on: every tag that it answers to is that one image.
 */
export function serveMirror(options: MirrorOptions): http.Server {
  const making = new Map<string, Promise<void>>()
  const ensure = (image: Recipe): Promise<void> => {
    const known = making.get(image.name + image.tag)
    if (known) return known
    const made = options.make(image).finally(() => making.delete(image.name + image.tag))
    making.set(image.name + image.tag, made)
    return made
  }
  const manifest = async ({ image, make }: Wanted, url: string): Promise<string> => {
    const named = (reference: string) => url.replace(/\/manifests\/[^?]+/, `/manifests/${reference}`)
    const digest = options.pinned(image)
    if (digest && (await probe(options.registrySocket, named(digest))) !== 404) return named(digest)
    if (!make) throw new Error("its stand-in is not made")
    await ensure(image)
    return named(options.pinned(image) ?? image.tag)
  }
  const server = http.createServer(async (request, response) => {
    const url = request.url ?? "/"
    const wanted = wantedImage(request.method ?? "", url)
    try {
      const path = wanted ? await manifest(wanted, url) : url
      forward(options.registrySocket, path, request, response)
    } catch (error) {
      options.log(`${wanted?.image.name}: ${error instanceof Error ? error.message : String(error)}`)
      refuse(response, 404, error instanceof Error ? error.message : String(error))
    }
  })
  fs.rmSync(options.socket, { force: true })
  // A stand-in takes as long as its packages take to come.
  server.requestTimeout = 0
  return server.listen(options.socket)
}

function refuse(response: http.ServerResponse, status: number, message: string): void {
  if (response.headersSent) return void response.destroy()
  response.writeHead(status, { "content-type": "application/json" })
  response.end(JSON.stringify({ errors: [{ code: "MANIFEST_UNKNOWN", message }] }))
}

const ACCEPT =
  "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json"

/** The status that the registry gives for a manifest. */
function probe(socketPath: string, path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = http.request({
      socketPath,
      path,
      method: "HEAD",
      headers: { host: "127.0.0.1:5000", accept: ACCEPT },
    })
    request.on("response", (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
    request.on("error", reject)
    request.end()
  })
}

function forward(
  socketPath: string,
  path: string,
  request: http.IncomingMessage,
  response: http.ServerResponse,
): void {
  const upstream = http.request({ socketPath, path, method: request.method, headers: request.headers })
  upstream.on("response", (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(response)
  })
  upstream.on("error", (error) => refuse(response, 502, error.message))
  request.pipe(upstream)
}
