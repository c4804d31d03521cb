/** Asks a vendor's API who approved a run or reviewed a change. */
import type { Vendor } from "../../environment.ts"
import { messageOf, oneLine } from "../text.ts"
import { callVendor } from "../vendor-api.ts"
import { type Answer, type Asked, type Get, NOTHING, type Questions } from "./answer.ts"
import { github } from "./github.ts"
import { gitlab } from "./gitlab.ts"

const VENDORS: Readonly<Record<Vendor["kind"], Questions>> = { github, gitlab }
const MOST_PAGES = 50

const NEXT = /<([^>]+)>;\s*rel="next"/

/** Returns a reader of an API. Pages are followed only where the API itself is. */
const reader =
  (api: string, token: string): Get =>
  async (path) => {
    const base = api.replace(/\/+$/, "")
    const lists: unknown[] = []
    let url = `${base}${path}`
    for (let page = 1; page <= MOST_PAGES; page += 1) {
      const response = await callVendor({ url, token })
      if (!response.ok) throw new Error(`${path.split("?")[0]} answers ${response.status}`)
      const body: unknown = await response.json()
      if (!Array.isArray(body)) return body
      lists.push(...body)
      const next = NEXT.exec(response.headers.get("link") ?? "")?.[1]
      if (next === undefined) return lists
      if (!next.startsWith(`${base}/`)) throw new Error(`${path.split("?")[0]} continues at another address`)
      url = next
    }
    throw new Error(`${path.split("?")[0]} has more than ${MOST_PAGES} pages`)
  }

const nobody = (why: string): Answer => ({ ...NOTHING, refused: [why] })

/** Asks about the run, and about its change if reviews count. @throws as {@link Questions}. */
async function ask(get: Get, asked: Asked, { kind, repository, reviews }: Vendor): Promise<Answer> {
  const vendor = VENDORS[kind]
  const at = vendor.at(repository)
  const run = await vendor.run(get, at, asked)
  const change = reviews ? await vendor.reviews(get, at, asked) : NOTHING
  return {
    claims: [...run.claims, ...change.claims],
    involved: [...run.involved, ...change.involved],
    refused: [...run.refused, ...change.refused],
  }
}

/** Asks the vendor that slipway.yaml names. What it does not answer counts for nobody. */
export async function askVendor(vendor: Vendor | null, token: string | null, asked: Asked): Promise<Answer> {
  if (vendor === null) return NOTHING
  if (token === null) return nobody(`${vendor.kind} was not asked: pass a token with \`--approval-token\``)
  try {
    const environment = vendor.environment ?? asked.environment
    return await ask(reader(vendor.api, token), { ...asked, environment }, vendor)
  } catch (error) {
    return nobody(`${vendor.kind} (${vendor.api}): ${oneLine(messageOf(error))}`)
  }
}
