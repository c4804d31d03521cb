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

const text = (value: unknown): string => String(value ?? "")

/** Starts what speaks GitHub's REST API of releases. Published releases are immutable. Files go to a host of their own. */
export async function githubApi(): Promise<Github> {
  const shared = { tags: new Map<string, string>(), changes: [], next: [] }
  const releases: GithubRelease[] = []
  const broken = new Set<string>()
  let ids = 0
  const api = `/repos/${REPOSITORY}`
  const shown = ({ assets: _, ...release }: GithubRelease) => ({
    ...release,
    url: `${main.url}${api}/releases/${release.id}`,
    upload_url: `${uploads.url}${api}/releases/${release.id}/assets{?name,label}`,
  })
  const shownAsset = ({ bytes: _, ...asset }: Asset) => ({
    ...asset,
    url: `${main.url}${api}/releases/assets/${asset.id}`,
  })
  const withRelease = (id: string | undefined, then: (release: GithubRelease) => Answer): Answer => {
    const release = releases.find((one) => one.id === Number(id))
    return release ? then(release) : problem(404, "Not Found")
  }
  const isTaken = (tag: string, id: number) =>
    releases.some((one) => one.tag_name === tag && !one.draft && one.id !== id)
  const taken = (resource: string, field: string): Answer =>
    problem(422, "Validation Failed", [{ resource, code: "already_exists", field }])

  function create({ json }: Call): Answer {
    const tag = text(json.tag_name)
    if (tag === "")
      return problem(422, "Validation Failed", [
        { resource: "Release", code: "missing_field", field: "tag_name" },
      ])
    if (isTaken(tag, 0)) return taken("Release", "tag_name")
    ids += 1
    const { name, body } = json
    const flags = { draft: json.draft === true, prerelease: json.prerelease === true }
    const release = { id: ids, tag_name: tag, name: text(name), body: text(body), ...flags, assets: [] }
    releases.push(release)
    return { status: 201, body: shown(release) }
  }

  const change = (release: GithubRelease, { json }: Call): Answer => {
    if (json.draft === false && isTaken(release.tag_name, release.id)) return taken("Release", "tag_name")
    release.draft = json.draft === true
    release.prerelease = json.prerelease === true
    release.body = text(json.body)
    return { status: 200, body: shown(release) }
  }

  const upload = (release: GithubRelease, { query, bytes }: Call): Answer => {
    const name = query.get("name") ?? ""
    if (!release.draft) return problem(422, "Cannot upload assets to an immutable release.")
    if (!/^\w[\w.-]*\w$/.test(name)) return problem(422, `the name ${name} would be changed`)
    if (bytes.length === 0) return problem(400, "Bad Content-Length")
    if (release.assets.some((asset) => asset.name === name)) return taken("ReleaseAsset", "name")
    ids += 1
    const ends = !broken.delete(name)
    const state = ends ? "uploaded" : "starter"
    const digest = ends ? `sha256:${sha256(bytes)}` : null
    release.assets.push({ id: ids, name, size: ends ? bytes.length : 0, state, digest, bytes })
    return ends ? { status: 201, body: {} } : problem(502, "Server Error")
  }

  const main = await serve(
    [
      [
        "GET",
        new RegExp(`^${api}/commits/tags/(.+)$`),
        (_, tag = "") => {
          const sha = shared.tags.get(decodeURIComponent(tag))
          return sha ? { status: 200, body: { sha } } : problem(422, `No commit found for SHA: tags/${tag}`)
        },
      ],
      ["GET", new RegExp(`^${api}/releases$`), (call) => pageOf(releases.map(shown).reverse(), call)],
      ["POST", new RegExp(`^${api}/releases$`), create],
      [
        "PATCH",
        new RegExp(`^${api}/releases/(\\d+)$`),
        (call, id) => withRelease(id, (one) => change(one, call)),
      ],
      [
        "GET",
        new RegExp(`^${api}/releases/(\\d+)/assets$`),
        (call, id) => withRelease(id, (one) => pageOf(one.assets.map(shownAsset), call)),
      ],
      [
        "DELETE",
        new RegExp(`^${api}/releases/assets/(\\d+)$`),
        (_, id) => {
          for (const release of releases)
            release.assets = release.assets.filter((one) => one.id !== Number(id))
          return { status: 204 }
        },
      ],
    ],
    shared,
  )
  const uploads = await serve(
    [
      [
        "POST",
        new RegExp(`^${api}/releases/(\\d+)/assets$`),
        (call, id) => withRelease(id, (one) => upload(one, call)),
      ],
    ],
    shared,
  )
  return {
    ...{ ...shared, url: main.url, releases, breaksOff: (name) => broken.add(name) },
    rewrite: (body) => {
      for (const release of releases) release.body = body
    },
    close: () => closed(main.server, uploads.server),
  }
}
