import { createHash } from "node:crypto"
import * as z from "zod/mini"
import { parseJson } from "../formats/json.js"
import { accepted, type Bytes, bytesOf, found, send } from "./http.js"
import { blobPath, recordPath } from "./names.js"
import { authorizer } from "./registry-login.js"
import type { NewEntry, Remote } from "./store.js"

/** `host[:port]/repository`; with `http://` before it for a registry without TLS. */
export const REPOSITORY = /^(?:http:\/\/)?([a-z0-9][a-z0-9.-]*(?::\d+)?)\/([a-z0-9]+(?:[._/-]+[a-z0-9]+)*)$/

const MANIFEST = "application/vnd.oci.image.manifest.v1+json"
/** The kind of the artifact, and of the layer that is its record. */
const RESULT = "application/vnd.slipway.result.v1+json"
const CONTENT = "application/octet-stream"
/** As `oras pull` reads it: the artifact's files are those of a folder of results. */
const TITLE = "org.opencontainers.image.title"
/** The empty configuration of an artifact: https://github.com/opencontainers/image-spec/blob/main/manifest.md */
const EMPTY = { mediaType: "application/vnd.oci.empty.v1+json", content: new TextEncoder().encode("{}") }

interface Layer {
  readonly path: string
  readonly mediaType: string
  readonly content: Bytes
}

/** Keeps each record as an artifact of OCI, whose tag is the key. @param login `user:password`, or null. */
export function registryStore({ registry }: { readonly registry: string }, login: string | null): Remote {
  const { get, blob, push, tag } = repositoryOf(registry, login)
  return {
    name: registry,
    read: async (key) => {
      const manifest = await get(`manifests/${key}`)
      if (manifest === null) return null
      const digests = layersOf(await manifest.text())
      const text = await blob(digests.get(recordPath(key)))
      return {
        text: new TextDecoder().decode(text ?? undefined),
        blob: (digest) => blob(digests.get(blobPath(digest))),
      }
    },
    write: async (entry) => {
      const layers = filesOf(entry)
      for (const { content } of [EMPTY, ...layers]) await push(content)
      await tag(entry.key, JSON.stringify(manifestOf(layers)))
    },
  }
}

/** Returns the calls of a repository. @see https://github.com/opencontainers/distribution-spec/blob/main/spec.md */
function repositoryOf(registry: string, login: string | null) {
  const [, host = "", repository = ""] = REPOSITORY.exec(registry) ?? []
  const base = `${registry.startsWith("http://") ? "http" : "https"}://${host}/v2/`
  const authorize = authorizer({ base, repository, login })
  const call = async (method: string, at: string | URL, more: { body?: Bytes; type?: string } = {}) => {
    const { body, type } = more
    const authorization = await authorize(body || method === "POST" ? "pull,push" : "pull")
    const headers = {
      accept: `${MANIFEST}, */*`,
      ...(authorization === null ? {} : { authorization }),
      ...(type === undefined ? {} : { "content-type": type }),
    }
    const url = new URL(at, `${base}${repository}/`)
    return send({ method, url, headers, body })
  }
  const get = async (path: string) => found(await call("GET", path), `registry GET ${repository}/${path}`)
  return {
    get,
    blob: async (digest: string | undefined) => {
      const content = digest === undefined ? null : await get(`blobs/${digest}`)
      return content && bytesOf(content)
    },
    push: async (content: Bytes) => {
      const digest = digestOf(content)
      const there = await found(await call("HEAD", `blobs/${digest}`), `registry HEAD ${repository}`)
      if (there !== null) return
      const begun = await accepted(await call("POST", "blobs/uploads/"), `registry POST ${repository}/blobs`)
      const place = new URL(begun.headers.get("location") ?? "", `${base}${repository}/`)
      place.searchParams.set("digest", digest)
      await accepted(await call("PUT", place, { body: content, type: CONTENT }), `registry PUT ${digest}`)
    },
    tag: async (name: string, manifest: string) => {
      const path = `manifests/${name}`
      const body = new TextEncoder().encode(manifest)
      await accepted(await call("PUT", path, { body, type: MANIFEST }), `registry PUT ${repository}/${path}`)
    },
  }
}

const digestOf = (content: Bytes): string => `sha256:${createHash("sha256").update(content).digest("hex")}`

const filesOf = ({ key, text, blobs }: NewEntry): readonly Layer[] => [
  { path: recordPath(key), mediaType: RESULT, content: new TextEncoder().encode(text) },
  ...[...blobs].map(([digest, content]) => ({ path: blobPath(digest), mediaType: CONTENT, content })),
]

const descriptor = ({ mediaType, content }: Omit<Layer, "path">) => ({
  mediaType,
  digest: digestOf(content),
  size: content.length,
})

const manifestOf = (layers: readonly Layer[]) => ({
  schemaVersion: 2,
  mediaType: MANIFEST,
  artifactType: RESULT,
  config: descriptor(EMPTY),
  layers: layers.map((layer) => ({ ...descriptor(layer), annotations: { [TITLE]: layer.path } })),
})

/** Returns the digests of a manifest's layers by the paths of their files; none for a text that is no manifest. */
function layersOf(text: string): ReadonlyMap<string, string> {
  const layer = z.object({
    digest: z.string().check(z.regex(/^sha256:[0-9a-f]{64}$/)),
    annotations: z.object({ [TITLE]: z.string() }),
  })
  const read = z.object({ layers: z.array(layer) }).safeParse(parseJson(text), { jitless: true })
  if (!read.success) return new Map()
  return new Map(read.data.layers.map(({ digest, annotations }) => [annotations[TITLE] ?? "", digest]))
}
