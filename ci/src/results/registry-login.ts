import { isRecord, parseJson } from "../formats/json.js"
import { accepted, send } from "./http.js"

/** What a login is for. */
type Scope = "pull" | "pull,push"

interface Place {
  /** The address of the registry's API: `https://host/v2/`. */
  readonly base: string
  readonly repository: string
  /** `user:password`; null for a registry that asks for none. */
  readonly login: string | null
}

/**
 * Logs in to a registry: with the login itself, or with a token that the registry's server of tokens gives for it.
 *
 * @returns the `Authorization` header of requests; null where none is needed. A registry is asked once for each scope.
 * @see https://distribution.github.io/distribution/spec/auth/token/
 */
export function authorizer(place: Place): (scope: Scope) => Promise<string | null> {
  const known = new Map<Scope, Promise<string | null>>()
  return (scope) => {
    const authorization = known.get(scope) ?? authorize(place, scope)
    known.set(scope, authorization)
    return authorization
  }
}

async function authorize({ base, repository, login }: Place, scope: Scope): Promise<string | null> {
  const basic = login === null ? null : `Basic ${Buffer.from(login.trim()).toString("base64")}`
  const headers = basic === null ? {} : { authorization: basic }
  const url = new URL(base)
  const answer = await send({ method: "GET", url, headers })
  const { realm, ...rest } = challengeOf(answer.headers.get("www-authenticate"))
  if (answer.status !== 401 || realm === undefined) {
    await accepted(answer, `${url.host} refuses the login`)
    return basic
  }
  await answer.body?.cancel()
  const tokens = new URL(realm)
  if (rest.service !== undefined) tokens.searchParams.set("service", rest.service)
  tokens.searchParams.set("scope", `repository:${repository}:${scope}`)
  const given = await accepted(
    await send({ method: "GET", url: tokens, headers }),
    `${tokens.host} refuses the login`,
  )
  const body = parseJson(await given.text())
  const token = isRecord(body) ? (body.token ?? body.access_token) : null
  if (typeof token !== "string") throw new Error(`${tokens.host} gives no token`)
  return `Bearer ${token}`
}

/** Returns the parameters of a `Bearer` challenge; none for another one. */
function challengeOf(header: string | null): Readonly<Record<string, string>> {
  if (header === null || !/^bearer /i.test(header)) return {}
  return Object.fromEntries(
    [...header.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = "", value = ""]) => [name, value]),
  )
}
