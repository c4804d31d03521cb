import type { Need } from "../../ci/src/needs/need.js"
import { found, send } from "../../ci/src/results/http.js"
import { authorizer } from "../../ci/src/results/registry-login.js"
import { parseImage, registryOf, repositoryOf } from "../../ci/src/run/images.js"

/** A site's mirror of Docker Hub. */
export interface Mirror {
  /** `https://host[:port]`. */
  readonly address: string
  /** `user:password`, or null. */
  readonly login: string | null
}

/** What became of a question for a need. */
export interface Answer {
  readonly need: Need
  readonly state: "there" | "missing" | "unreachable"
  /** Where it was looked for: what an image is copied to. */
  readonly at: string
  /** Why nothing is known; null for a need that is there or missing. */
  readonly why: string | null
}

/** Questions side by side. */
const AT_ONCE = 16

/** Asks for each need where the check would get it. */
export async function askForAll(needs: readonly Need[], mirror: Mirror | null): Promise<readonly Answer[]> {
  const answers: Answer[] = []
  for (let at = 0; at < needs.length; at += AT_ONCE)
    answers.push(...(await Promise.all(needs.slice(at, at + AT_ONCE).map((need) => ask(need, mirror)))))
  return answers
}

async function ask(need: Need, mirror: Mirror | null): Promise<Answer> {
  const isAddress = need.from.startsWith("http")
  const place = placeOf(need.from, mirror)
  const at = isAddress ? need.from : place.reference
  try {
    const there = await (isAddress ? answers(need) : has(place))
    return { need, at, state: there ? "there" : "missing", why: null }
  } catch (error) {
    return { need, at, state: "unreachable", why: error instanceof Error ? error.message : String(error) }
  }
}

/** True for a package that a registry has, and for a service that answers at all. */
async function answers({ kind, from }: Need): Promise<boolean> {
  const url = new URL(from)
  const answer = await send({ method: kind === "package" ? "HEAD" : "GET", url, headers: {} })
  await answer.body?.cancel()
  if (answer.status >= 500) throw new Error(`${url.host}: HTTP ${answer.status}`)
  return kind === "package" ? (await found(answer, from)) !== null : true
}

/** Where an image is looked for. */
interface Place {
  readonly base: string
  readonly repository: string
  readonly tag: string
  readonly login: string | null
  /** Its reference there. */
  readonly reference: string
}

const HUB = "https://registry-1.docker.io"

/** Returns where an image is looked for: names of Docker Hub in the mirror, where there is one. */
export function placeOf(from: string, mirror: Mirror | null): Place {
  const [, tagged = from, digest] = /^(.*)@(sha256:[0-9a-f]+)$/.exec(from) ?? []
  const image = parseImage(tagged)
  const host = registryOf(image)
  const repository = repositoryOf(image)
  const tag = digest ?? image.tag
  const end = `${repository}${digest ? "@" : ":"}${tag}`
  if (host !== null)
    return { base: `https://${host}/v2/`, repository, tag, login: null, reference: `${host}/${end}` }
  const { address, login } = mirror ?? { address: HUB, login: null }
  const reference = mirror === null ? from : `${new URL(address).host}/${end}`
  return { base: `${address}/v2/`, repository, tag, login, reference }
}

/** All that a tag may stand for. */
const MANIFESTS = [
  ...["application/vnd.oci.image.index.v1+json", "application/vnd.oci.image.manifest.v1+json"],
  ...["list.v2", "v2"].map((end) => `application/vnd.docker.distribution.manifest.${end}+json`),
].join(", ")

/** True for an image that its registry has. @throws Error where the registry does not say. */
async function has({ base, repository, tag, login }: Place): Promise<boolean> {
  const authorization = await authorizer({ base, repository, login })("pull")
  const headers = { accept: MANIFESTS, ...(authorization === null ? {} : { authorization }) }
  const url = new URL(`${repository}/manifests/${tag}`, base)
  return (await found(await send({ method: "HEAD", url, headers }), url.href)) !== null
}
