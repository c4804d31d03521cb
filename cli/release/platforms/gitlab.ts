import * as z from "zod/mini"
import { type Client, listOf } from "../client.js"
import type { Publication } from "../publication.js"
import type { Found } from "../steps.js"
import type { Platform } from "./platform.js"

/** The name of the generic package that holds the files of releases: a release of GitLab has links alone. */
const PACKAGE = "release"

const releaseSchema = z.object({
  description: z.nullish(z.string()),
  assets: z.object({ links: z.array(z.object({ name: z.string(), url: z.string() })) }),
})

type Release = z.output<typeof releaseSchema>

const packageSchema = z.object({ id: z.number(), name: z.string(), version: z.nullish(z.string()) })

const fileSchema = z.object({
  id: z.number(),
  file_name: z.string(),
  size: z.number(),
  file_sha256: z.nullish(z.string()),
})

const linksOf = (release: Release | null): readonly string[] =>
  release?.assets.links.map(({ url }) => url) ?? []

/** The addresses of a project's parts. */
function addressesOf(api: string, path: string) {
  const project = `${api}/projects/${encodeURIComponent(path)}`
  return {
    project,
    tag: (tag: string) => `${project}/repository/tags/${encodeURIComponent(tag)}`,
    release: (tag: string) => `${project}/releases/${encodeURIComponent(tag)}`,
    package: (version: string) => `${project}/packages/generic/${PACKAGE}/${encodeURIComponent(version)}`,
  }
}

type Addresses = ReturnType<typeof addressesOf>

/** Returns the files of a version's package. The newest of a name is the one that a link leads to. */
async function filesOf(client: Client, project: string, version: string) {
  const query = `package_type=generic&package_name=${PACKAGE}&package_version=${encodeURIComponent(version)}`
  const packages = z.array(packageSchema).parse(await listOf(client, `${project}/packages?${query}`))
  // GitLab searches for names that are alike.
  const own = packages.find((one) => one.name === PACKAGE && one.version === version)
  if (own === undefined) return []
  const folder = `${project}/packages/${own.id}/package_files`
  const files = z.array(fileSchema).parse(await listOf(client, folder))
  return [...new Map(files.map((file) => [file.file_name, file])).values()].map((file) => ({
    ...file,
    url: `${folder}/${file.id}`,
  }))
}

async function releaseOf(client: Client, at: Addresses, tag: string): Promise<Release | null> {
  const { status, body } = await client(at.release(tag), { allow: [404] })
  return status === 200 ? releaseSchema.parse(body) : null
}

async function find(client: Client, at: Addresses, { tag, version }: Publication): Promise<Found | null> {
  const release = await releaseOf(client, at, tag)
  const files = await filesOf(client, at.project, version)
  if (release === null && files.length === 0) return null
  const linked = linksOf(release)
  return {
    url: at.release(tag),
    uploads: at.package(version),
    isPublic: release !== null,
    body: release === null ? null : (release.description ?? ""),
    assets: files.map(({ file_name: name, url, size, file_sha256 }) => ({
      name,
      url,
      size,
      digest: file_sha256 ?? null,
      complete: release === null || linked.includes(`${at.package(version)}/${name}`),
    })),
  }
}

/** Makes the release with links to its files, or adds the links that it lacks. */
async function publish(
  client: Client,
  at: Addresses,
  { tag, version, preRelease, body, assets }: Publication,
  { url, isPublic }: Found,
): Promise<void> {
  const links = assets.map(({ name }) => ({
    name,
    url: `${at.package(version)}/${name}`,
    direct_asset_path: `/${name}`,
    link_type: "other",
  }))
  if (!isPublic) {
    const name = preRelease ? `${version} (pre-release)` : version
    const release = { tag_name: tag, name, description: body, assets: { links } }
    await client(`${at.project}/releases`, { method: "POST", body: release })
    return
  }
  const linked = linksOf(await releaseOf(client, at, tag))
  for (const link of links.filter((one) => !linked.includes(one.url)))
    await client(`${url}/assets/links`, { method: "POST", body: link })
}

/**
 * GitLab: the files are a generic package, which the release links. It has neither drafts nor a mark for pre-releases.
 *
 * @see https://docs.gitlab.com/api/releases/
 * @see https://docs.gitlab.com/user/packages/generic_packages/
 */
export const gitlab: Platform = {
  title: "GitLab",
  headers: {},
  api: (host) => `https://${host}/api/v4`,
  open: (client, api, path) => {
    const at = addressesOf(api, path)
    return {
      async commitOf(tag) {
        const { status, body } = await client(at.tag(tag), { allow: [404] })
        return status === 200
          ? z.object({ commit: z.object({ id: z.string() }) }).parse(body).commit.id
          : null
      },
      find: (publication) => find(client, at, publication),
      create: async ({ tag, version }) => ({
        url: at.release(tag),
        uploads: at.package(version),
        isPublic: false,
        body: null,
        assets: [],
      }),
      async upload({ uploads }, { name, content }) {
        await client(`${uploads}/${name}`, { method: "PUT", body: content })
      },
      async remove({ url }) {
        await client(url, { method: "DELETE" })
      },
      publish: (publication, found) => publish(client, at, publication, found),
    }
  },
}
