import * as z from "zod/mini"
import { type Client, listOf } from "../client.js"
import type { Publication } from "../publication.js"
import type { Found } from "../steps.js"
import type { Platform } from "./platform.js"

const assetSchema = z.object({
  name: z.string(),
  url: z.string(),
  size: z.number(),
  state: z.string(),
  digest: z.optional(z.nullable(z.string())),
})

const releaseSchema = z.object({
  tag_name: z.string(),
  url: z.string(),
  upload_url: z.string(),
  draft: z.boolean(),
  body: z.nullish(z.string()),
})

type Release = z.output<typeof releaseSchema>

const foundOf = async (client: Client, { url, upload_url, draft, body }: Release): Promise<Found> => ({
  url,
  // A URI template, at another host than the API: {?name,label}.
  uploads: upload_url.replace(/\{.*$/, ""),
  isPublic: !draft,
  body: body ?? "",
  assets: z
    .array(assetSchema)
    .parse(await listOf(client, `${url}/assets`))
    .map(({ name, url, size, state, digest }) => ({
      name,
      url,
      size,
      digest: digest?.replace(/^sha256:/, "") ?? null,
      // An upload that broke off leaves a file of the state `starter`.
      complete: state === "uploaded",
    })),
})

/** Encodes the parts of a name between slashes. */
const encoded = (name: string): string => name.split("/").map(encodeURIComponent).join("/")

/** What GitHub calls the texts of a release. */
const textsOf = ({ tag, version, commit, preRelease, body }: Publication) => ({
  tag_name: tag,
  target_commitish: commit,
  name: version,
  body,
  prerelease: preRelease,
})

/**
 * GitHub: a draft until all files are there, as an immutable release takes none later.
 *
 * @see https://docs.github.com/en/rest/releases
 */
export const github: Platform = {
  title: "GitHub",
  headers: { accept: "application/vnd.github+json", "x-github-api-version": "2022-11-28" },
  api: (host) => (host === "github.com" ? "https://api.github.com" : `https://${host}/api/v3`),
  open: (client, api, path) => {
    const repository = `${api}/repos/${path}`
    return {
      async commitOf(tag) {
        const { status, body } = await client(`${repository}/commits/tags/${encoded(tag)}`, {
          allow: [404, 422],
        })
        return status === 200 ? z.object({ sha: z.string() }).parse(body).sha : null
      },
      async find({ tag }) {
        // Only the list has drafts.
        const all = z.array(releaseSchema).parse(await listOf(client, `${repository}/releases`))
        const own = all.filter(({ tag_name }) => tag_name === tag)
        const release = own.find(({ draft }) => !draft) ?? own[0]
        return release === undefined ? null : foundOf(client, release)
      },
      async create(publication) {
        const { body } = await client(`${repository}/releases`, {
          method: "POST",
          body: { ...textsOf(publication), draft: true },
        })
        return foundOf(client, releaseSchema.parse(body))
      },
      async upload({ uploads }, { name, content }) {
        await client(`${uploads}?name=${encodeURIComponent(name)}`, { method: "POST", body: content })
      },
      async remove({ url }) {
        await client(url, { method: "DELETE" })
      },
      async publish(publication, { url, isPublic }) {
        // `legacy`: a fix of an older version is not the latest release.
        const body = { ...textsOf(publication), draft: false, make_latest: "legacy" }
        if (!isPublic) await client(url, { method: "PATCH", body })
      },
    }
  },
}
