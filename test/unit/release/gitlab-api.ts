import { recordOf, recordsOf } from "../../../ci/src/formats/json.js"
import {
  type Answer,
  type Call,
  closed,
  type Local,
  pageOf,
  problem,
  REPOSITORY,
  type Route,
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

/** What the platform holds. */
interface State extends Pick<Gitlab, "tags" | "changes" | "next" | "releases" | "files"> {
  ids: number
}

const releaseOf = ({ releases }: State, tag = "") =>
  releases.find((one) => one.tag_name === decodeURIComponent(tag))

const shown = ({ links, ...release }: GitlabRelease) => ({
  ...release,
  assets: { count: links.length, links },
})

function create(state: State, { json }: Call): Answer {
  const tag = text(json.tag_name)
  if (!state.tags.has(tag)) return problem(422, "Ref is not specified")
  if (releaseOf(state, tag)) return problem(409, "Release already exists")
  const links = recordsOf(recordOf(json.assets).links).map(linkOf)
  if (new Set(links.map(({ name }) => name)).size < links.length)
    return problem(400, "Links have duplicate names")
  const release = { tag_name: tag, name: text(json.name), description: text(json.description), links }
  state.releases.push(release)
  return { status: 201, body: shown(release) }
}

function show(state: State, tag: string | undefined): Answer {
  const release = releaseOf(state, tag)
  return release ? { status: 200, body: shown(release) } : problem(404, "404 Not Found")
}

function addLink(state: State, { json }: Call, tag: string | undefined): Answer {
  const [release, link] = [releaseOf(state, tag), linkOf(json)]
  if (!release) return problem(404, "404 Not Found")
  if (release.links.some(({ name }) => name === link.name))
    return problem(400, { name: ["has already been taken"] })
  release.links.push(link)
  return { status: 201, body: link }
}

function put(state: State, { bytes }: Call, version = "", name = ""): Answer {
  if (state.files.some((one) => one.file_name === name && one.version === version))
    return problem(400, "Duplicate package is not allowed")
  state.ids += 1
  state.files.push({
    id: state.ids,
    file_name: name,
    size: bytes.length,
    file_sha256: sha256(bytes),
    version,
  })
  return { status: 201, body: { message: "201 Created" } }
}

function remove({ files }: State, id: string | undefined): Answer {
  const place = files.findIndex((one) => one.id === Number(id))
  files.splice(place, 1)
  return { status: 204 }
}

/** GitLab finds names that are alike: the package of another name comes first. */
function packages({ files }: State, call: Call): Answer {
  const version = call.query.get("package_version")
  const own = files.some((one) => one.version === version)
  const all = [
    { id: 1, name: "release-notes", version },
    ...(own ? [{ id: 7, name: "release", version }] : []),
  ]
  return pageOf(all, call)
}

function commitOf({ tags }: State, tag = ""): Answer {
  const id = tags.get(decodeURIComponent(tag))
  return id ? { status: 200, body: { name: tag, commit: { id } } } : problem(404, "404 Tag Not Found")
}

const at = (rest: string) => new RegExp(`^/projects/${encodeURIComponent(REPOSITORY)}${rest}$`)

const apiOf = (state: State): readonly Route[] => [
  ["GET", at("/repository/tags/([^/]+)"), (_, tag) => commitOf(state, tag)],
  ["GET", at("/releases/([^/]+)"), (_, tag) => show(state, tag)],
  ["POST", at("/releases"), (call) => create(state, call)],
  ["POST", at("/releases/([^/]+)/assets/links"), (call, tag) => addLink(state, call, tag)],
  ["GET", at("/packages"), (call) => packages(state, call)],
  ["GET", at("/packages/7/package_files"), (call) => pageOf(state.files, call)],
  ["DELETE", at("/packages/7/package_files/(\\d+)"), (_, id) => remove(state, id)],
  [
    "PUT",
    at("/packages/generic/release/([^/]+)/([\\w.-]+)"),
    (call, version, name) => put(state, call, version, name),
  ],
]

/** Starts what speaks GitLab's REST API of releases and generic packages, where a package may have no file twice. */
export async function gitlabApi(): Promise<Gitlab> {
  const state: State = { tags: new Map(), changes: [], next: [], releases: [], files: [], ids: 0 }
  const { url, server } = await serve(apiOf(state), state)
  const { tags, changes, next, releases, files } = state
  const rewrite = (description: string) => {
    for (const release of releases) release.description = description
  }
  return { tags, changes, next, releases, files, url, rewrite, close: () => closed(server) }
}
