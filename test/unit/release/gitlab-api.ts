import { recordOf, recordsOf } from "../../../ci/src/formats/json.js"
import {
  type Answer,
  type Call,
  closed,
  type Local,
  pageOf,
  problem,
  REPOSITORY,
  serve,
  sha256,
} from "./platforms.js"

interface File {
  readonly id: number
  readonly file_name: string
  readonly size: number
  readonly file_sha256: string
  readonly version: string
}

interface Link {
  readonly name: string
  readonly url: string
}

export interface GitlabRelease {
  readonly tag_name: string
  readonly name: string
  description: string
  readonly links: Link[]
}

export interface Gitlab extends Local {
  readonly releases: GitlabRelease[]
  readonly files: File[]
}

const text = (value: unknown): string => String(value ?? "")
const linkOf = ({ name, url }: Readonly<Record<string, unknown>>): Link => ({
  name: text(name),
  url: text(url),
})

/** Starts what speaks GitLab's REST API of releases and generic packages, where a package may have no file twice. */
export async function gitlabApi(): Promise<Gitlab> {
  const shared = { tags: new Map<string, string>(), changes: [], next: [] }
  const releases: GitlabRelease[] = []
  const files: File[] = []
  let ids = 0
  const api = `/projects/${encodeURIComponent(REPOSITORY)}`
  const at = (rest: string) => new RegExp(`^${api}${rest}$`)
  const byTag = (tag = "") => releases.find((one) => one.tag_name === decodeURIComponent(tag))
  const shown = ({ links, ...release }: GitlabRelease) => ({
    ...release,
    assets: { count: links.length, links },
  })

  function create({ json }: Call): Answer {
    const tag = text(json.tag_name)
    if (!shared.tags.has(tag)) return problem(422, "Ref is not specified")
    if (byTag(tag)) return problem(409, "Release already exists")
    const links = recordsOf(recordOf(json.assets).links).map(linkOf)
    if (new Set(links.map(({ name }) => name)).size < links.length)
      return problem(400, "Links have duplicate names")
    const release = { tag_name: tag, name: text(json.name), description: text(json.description), links }
    releases.push(release)
    return { status: 201, body: shown(release) }
  }

  function addLink({ json }: Call, tag?: string): Answer {
    const [release, link] = [byTag(tag), linkOf(json)]
    if (!release) return problem(404, "404 Not Found")
    if (release.links.some(({ name }) => name === link.name))
      return problem(400, { name: ["has already been taken"] })
    release.links.push(link)
    return { status: 201, body: link }
  }

  function put({ bytes }: Call, version = "", name = ""): Answer {
    if (files.some((one) => one.file_name === name && one.version === version))
      return problem(400, "Duplicate package is not allowed")
    ids += 1
    files.push({ id: ids, file_name: name, size: bytes.length, file_sha256: sha256(bytes), version })
    return { status: 201, body: { message: "201 Created" } }
  }

  /** GitLab finds names that are alike: the package of another name comes first. */
  const packages = (call: Call): Answer => {
    const version = call.query.get("package_version")
    const own = files.some((one) => one.version === version)
    const all = [
      { id: 1, name: "release-notes", version },
      ...(own ? [{ id: 7, name: "release", version }] : []),
    ]
    return pageOf(all, call)
  }

  const { url, server } = await serve(
    [
      [
        "GET",
        at("/repository/tags/([^/]+)"),
        (_, tag = "") => {
          const id = shared.tags.get(decodeURIComponent(tag))
          return id ? { status: 200, body: { name: tag, commit: { id } } } : problem(404, "404 Tag Not Found")
        },
      ],
      [
        "GET",
        at("/releases/([^/]+)"),
        (_, tag) => {
          const release = byTag(tag)
          return release ? { status: 200, body: shown(release) } : problem(404, "404 Not Found")
        },
      ],
      ["POST", at("/releases"), create],
      ["POST", at("/releases/([^/]+)/assets/links"), addLink],
      ["GET", at("/packages"), packages],
      ["GET", at("/packages/7/package_files"), (call) => pageOf(files, call)],
      [
        "DELETE",
        at("/packages/7/package_files/(\\d+)"),
        (_, id) => {
          files.splice(
            files.findIndex((one) => one.id === Number(id)),
            1,
          )
          return { status: 204 }
        },
      ],
      ["PUT", at("/packages/generic/release/([^/]+)/([\\w.-]+)"), put],
    ],
    shared,
  )
  const rewrite = (text: string) => {
    for (const release of releases) release.description = text
  }
  return { ...shared, url, releases, files, rewrite, close: () => closed(server) }
}
