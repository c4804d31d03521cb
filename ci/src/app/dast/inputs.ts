import { parseJson, recordOf, recordsOf } from "../../formats/json.js"
import type { Exchange } from "./exchange.js"

/** Something of the app that takes input. */
export interface Input {
  readonly method: "GET" | "POST"
  /** Without its query. */
  readonly path: string
  /** Names of query parameters. */
  readonly query: readonly string[]
  /** Names of fields of a JSON body. */
  readonly fields: readonly string[]
}

/** Tried where an address is known and nothing says what it takes. */
const LIKELY = { query: ["id", "q"], fields: ["id", "name", "email"] }

/** All that takes input, by what the pages, the scripts and the description of an app say. */
export function inputs(exchanges: readonly Exchange[]): readonly Input[] {
  const found = exchanges
    .filter(({ status }) => status >= 200 && status < 400)
    .flatMap((exchange) =>
      exchange.why === "description"
        ? described(exchange.text)
        : [...ofAddress(exchange), ...ofForms(exchange), ...ofScript(exchange)],
    )
  const merged = new Map<string, Input>()
  for (const input of found) {
    const known = merged.get(`${input.method} ${input.path}`)
    merged.set(`${input.method} ${input.path}`, {
      ...input,
      query: union(known?.query, input.query),
      fields: union(known?.fields, input.fields),
    })
  }
  return [...merged.values()]
}

const union = (a: readonly string[] = [], b: readonly string[]) => [...new Set([...a, ...b])]

const isKind = ({ answered }: Exchange, kind: RegExp) =>
  answered.some(([name, value]) => name === "content-type" && kind.test(value))

const split = (address: string) => {
  const url = new URL(address, "http://app")
  return { path: url.pathname, names: [...url.searchParams.keys()] }
}

/** A page or an answer with parameters in its address; one of an API that has none may take some all the same. */
function ofAddress(exchange: Exchange): readonly Input[] {
  const { path, names } = split(exchange.path)
  if (isKind(exchange, /json/)) return guessed(path, names)
  return names.length > 0 ? [{ method: "GET", path, query: names, fields: [] }] : []
}

function ofForms(exchange: Exchange): readonly Input[] {
  if (!isKind(exchange, /html/)) return []
  return [...exchange.text.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/gi)].map(
    ([, attributes = "", inside = ""]) => {
      const action = /\baction\s*=\s*["']?([^"'\s>]+)/i.exec(attributes)?.[1]
      const names = [...inside.matchAll(/\bname\s*=\s*["']?([\w.[\]-]+)/gi)].map(([, name = ""]) => name)
      const path = new URL(action ?? exchange.path, new URL(exchange.path, "http://app")).pathname
      const isPost = /\bmethod\s*=\s*["']?post/i.test(attributes)
      return isPost
        ? { method: "POST", path, query: [], fields: names }
        : { method: "GET", path, query: names, fields: [] }
    },
  )
}

/** Addresses of an API that a script of the app names. */
function ofScript(exchange: Exchange): readonly Input[] {
  if (!isKind(exchange, /javascript/)) return []
  const addresses = [
    ...exchange.text.matchAll(/["'`](\/(?:api|graphql|rest|v\d)\b[\w/-]*)(\?[\w=&%${}.-]*)?/g),
  ]
  return addresses.flatMap(([, path = "", query = ""]) =>
    guessed(
      path.replace(/(?<=.)\/$/, ""),
      [...query.matchAll(/[?&]([\w-]+)=/g)].map(([, name = ""]) => name),
    ),
  )
}

const guessed = (path: string, query: readonly string[]): readonly Input[] => [
  { method: "GET", path, query: query.length > 0 ? query : LIKELY.query, fields: [] },
  { method: "POST", path, query: [], fields: LIKELY.fields },
]

/** What an OpenAPI description names (versions 2 and 3). Path parameters stand as 1. */
function described(text: string): readonly Input[] {
  const { paths } = recordOf(parseJson(text))
  return Object.entries(recordOf(paths)).flatMap(([template, operations]) => {
    const path = template.replace(/\{[^}]*\}/g, "1")
    return Object.entries(recordOf(operations)).flatMap(([method, operation]): readonly Input[] => {
      const { parameters, requestBody } = recordOf(operation)
      const named = recordsOf(parameters).flatMap(({ in: where, name }) =>
        where === "query" && typeof name === "string" ? [name] : [],
      )
      if (method === "get") return [{ method: "GET", path, query: named, fields: [] }]
      const schema = recordOf(recordOf(recordOf(recordOf(requestBody).content)["application/json"]).schema)
      return method === "post"
        ? [{ method: "POST", path, query: named, fields: Object.keys(recordOf(schema.properties)) }]
        : []
    })
  })
}

/** JSON bodies that have a value in each field in turn, text in the others. */
export const bodies = (fields: readonly string[], value: string): readonly string[] =>
  fields.map((field) =>
    JSON.stringify(Object.fromEntries(fields.map((name) => [name, name === field ? value : "1"]))),
  )
