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

interface Asset {
  readonly id: number
  readonly name: string
  readonly size: number
  readonly state: "uploaded" | "starter"
  readonly digest: string | null
  readonly bytes: Buffer
}

export interface GithubRelease {
  readonly id: number
  readonly tag_name: string
  name: string
  body: string
  draft: boolean
  prerelease: boolean
  assets: Asset[]
}

export interface Github extends Local {
  readonly releases: GithubRelease[]
  /** Breaks off the next upload: it answers 502, and leaves an empty file of the state `starter`. */
  readonly breaksOff: (name: string) => void
}

/** What the platform holds. */
interface State extends Pick<Github, "tags" | "changes" | "next" | "releases"> {
  /** Names of files whose next upload breaks off. */
  readonly broken: Set<string>
  /** The addresses of the API and of the host for files, once they listen. */
  readonly hosts: { api: string; uploads: string }
  ids: number
}

const API = `/repos/${REPOSITORY}`

const text = (value: unknown): string => String(value ?? "")

const shown = ({ assets: _, ...release }: GithubRelease, { hosts }: State) => ({
  ...release,
  url: `${hosts.api}${API}/releases/${release.id}`,
  upload_url: `${hosts.uploads}${API}/releases/${release.id}/assets{?name,label}`,
})

const shownAsset = ({ bytes: _, ...asset }: Asset, { hosts }: State) => ({
  ...asset,
  url: `${hosts.api}${API}/releases/assets/${asset.id}`,
})

function withRelease(
  { releases }: State,
  id: string | undefined,
  then: (release: GithubRelease) => Answer,
): Answer {
  const release = releases.find((one) => one.id === Number(id))
  return release ? then(release) : problem(404, "Not Found")
}

const isTaken = ({ releases }: State, tag: string, id: number): boolean =>
  releases.some((one) => one.tag_name === tag && !one.draft && one.id !== id)

const taken = (resource: string, field: string): Answer =>
  problem(422, "Validation Failed", [{ resource, code: "already_exists", field }])

function create(state: State, { json }: Call): Answer {
  const tag = text(json.tag_name)
  if (tag === "")
    return problem(422, "Validation Failed", [
      { resource: "Release", code: "missing_field", field: "tag_name" },
    ])
  if (isTaken(state, tag, 0)) return taken("Release", "tag_name")
  state.ids += 1
  const { name, body } = json
  const flags = { draft: json.draft === true, prerelease: json.prerelease === true }
  const release = { id: state.ids, tag_name: tag, name: text(name), body: text(body), ...flags, assets: [] }
  state.releases.push(release)
  return { status: 201, body: shown(release, state) }
}

function change(state: State, release: GithubRelease, { json }: Call): Answer {
  if (json.draft === false && isTaken(state, release.tag_name, release.id))
    return taken("Release", "tag_name")
  release.draft = json.draft === true
  release.prerelease = json.prerelease === true
  release.body = text(json.body)
  return { status: 200, body: shown(release, state) }
}

function upload(state: State, release: GithubRelease, { query, bytes }: Call): Answer {
  const name = query.get("name") ?? ""
  if (!release.draft) return problem(422, "Cannot upload assets to an immutable release.")
  if (!/^\w[\w.-]*\w$/.test(name)) return problem(422, `the name ${name} would be changed`)
  if (bytes.length === 0) return problem(400, "Bad Content-Length")
  if (release.assets.some((asset) => asset.name === name)) return taken("ReleaseAsset", "name")
  state.ids += 1
  const ends = !state.broken.delete(name)
  const digest = ends ? `sha256:${sha256(bytes)}` : null
  release.assets.push({
    id: state.ids,
    name,
    size: ends ? bytes.length : 0,
    state: ends ? "uploaded" : "starter",
    digest,
    bytes,
  })
  return ends ? { status: 201, body: {} } : problem(502, "Server Error")
}

function remove({ releases }: State, id: string | undefined): Answer {
  for (const release of releases) release.assets = release.assets.filter((one) => one.id !== Number(id))
  return { status: 204 }
}

function commitOf({ tags }: State, tag = ""): Answer {
  const sha = tags.get(decodeURIComponent(tag))
  return sha ? { status: 200, body: { sha } } : problem(422, `No commit found for SHA: tags/${tag}`)
}

const at = (rest: string) => new RegExp(`^${API}${rest}$`)

const apiOf = (state: State): readonly Route[] => [
  ["GET", at("/commits/tags/(.+)"), (_, tag) => commitOf(state, tag)],
  ["GET", at("/releases"), (call) => pageOf(state.releases.map((one) => shown(one, state)).reverse(), call)],
  ["POST", at("/releases"), (call) => create(state, call)],
  ["PATCH", at("/releases/(\\d+)"), (call, id) => withRelease(state, id, (one) => change(state, one, call))],
  [
    "GET",
    at("/releases/(\\d+)/assets"),
    (call, id) =>
      withRelease(state, id, ({ assets }) =>
        pageOf(
          assets.map((one) => shownAsset(one, state)),
          call,
        ),
      ),
  ],
  ["DELETE", at("/releases/assets/(\\d+)"), (_, id) => remove(state, id)],
]

const uploadsOf = (state: State): readonly Route[] => [
  [
    "POST",
    at("/releases/(\\d+)/assets"),
    (call, id) => withRelease(state, id, (one) => upload(state, one, call)),
  ],
]

/** Starts what speaks GitHub's REST API of releases. Published releases are immutable. Files go to a host of their own. */
export async function githubApi(): Promise<Github> {
  const state: State = {
    tags: new Map(),
    changes: [],
    next: [],
    releases: [],
    broken: new Set(),
    hosts: { api: "", uploads: "" },
    ids: 0,
  }
  const api = await serve(apiOf(state), state)
  const uploads = await serve(uploadsOf(state), state)
  Object.assign(state.hosts, { api: api.url, uploads: uploads.url })
  const { tags, changes, next, releases } = state
  return {
    tags,
    changes,
    next,
    releases,
    url: api.url,
    breaksOff: (name) => state.broken.add(name),
    rewrite: (body) => {
      for (const release of releases) release.body = body
    },
    close: () => closed(api.server, uploads.server),
  }
}
