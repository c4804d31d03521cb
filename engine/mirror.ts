import * as fs from "node:fs"
import * as http from "node:http"
import { findRecipe, REGISTRIES, type Recipe } from "./recipes/index.js"

/** What the mirror asks of its surroundings. */
export interface MirrorOptions {
  /** Where it listens. */
  readonly socket: string
  /** The registry that holds the images made here. */
  readonly registrySocket: string
  /** The digest of an image's stand-in, or null where none was made from today's recipe. */
  readonly pinned: (image: Recipe) => string | null
  /** Why an image is not to be made now, in words for whoever pulls it; null where it is. */
  readonly refusal: (image: Recipe) => string | null
  /** Makes an image's stand-in, puts it into the registry and pins it. */
  readonly make: (image: Recipe) => Promise<void>
  readonly log: (message: string) => void
}

/** A pull through a mirror says with `ns` whose name it means; a push to this registry has none. */
const MANIFEST = /^\/v2\/(?<repository>.+)\/manifests\/(?<tag>[^?]+)\?ns=(?<registry>[^&]+)$/

/** Returns the recipe of the image whose manifest a registry request asks for by tag, or null. */
export function wantedImage(method: string, url: string): Recipe | null {
  const { repository = "", tag = "", registry = "" } = MANIFEST.exec(url)?.groups ?? {}
  if (!["GET", "HEAD"].includes(method) || !REGISTRIES.some((known) => known === registry)) return null
  return findRecipe(registry === "docker.io" ? repository : `${registry}/${repository}`, tag)
}

/** The registry does not do what it is asked. Its words reach the puller as the status line's reason. */
class Refused extends Error {}

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
  const manifest = async (image: Recipe, url: string): Promise<string> => {
    const named = (reference: string) => url.replace(/\/manifests\/[^?]+/, `/manifests/${reference}`)
    const digest = options.pinned(image)
    if (digest && (await probe(options.registrySocket, named(digest))) !== 404) return named(digest)
    const refusal = options.refusal(image)
    if (refusal !== null) throw new Refused(refusal)
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
      const why = error instanceof Error ? error.message : String(error)
      if (error instanceof Refused) return refuse(response, UNSUPPORTED, why)
      options.log(`${wanted?.name}: ${why}`)
      refuse(response, NOT_MADE, why)
    }
  })
  fs.rmSync(options.socket, { force: true })
  // A stand-in takes as long as its packages take to come.
  server.requestTimeout = 0
  return server.listen(options.socket)
}

interface Refusal {
  readonly status: number
  readonly code: string
}

/** @see https://github.com/opencontainers/distribution-spec/blob/main/spec.md#error-codes */
const UNSUPPORTED: Refusal = { status: 405, code: "UNSUPPORTED" }
/** Of statuses that engines do not try again, the one that says best that the making failed. */
const NOT_MADE: Refusal = { status: 424, code: "MANIFEST_UNKNOWN" }
const UNREACHABLE: Refusal = { status: 502, code: "UNKNOWN" }

/** Answers with an error. Engines show the status line alone, and so its reason holds the message. */
function refuse(response: http.ServerResponse, { status, code }: Refusal, message: string): void {
  if (response.headersSent) return void response.destroy()
  const reason = message.replaceAll(/[^\x20-\x7e]+/g, " ")
  response.writeHead(status, reason, { "content-type": "application/json" })
  response.end(JSON.stringify({ errors: [{ code, message }] }))
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
  upstream.on("error", (error) => refuse(response, UNREACHABLE, error.message))
  request.pipe(upstream)
}
