/** Compares raw responses with the SDK's models. */
import { XMLParser } from "fast-xml-parser"

type Schema = unknown

const STRUCTURE = 3
const LIST = 1
const MAP = 2
const UNION = 4
const LIST_OF = 64
const MAP_OF = 128

const lazy = (schema: Schema): Schema => (typeof schema === "function" ? lazy(schema()) : schema)

/** Splits a member into schema and traits: `[schema, traits]`, or the schema alone. */
function member(schema: Schema): readonly [Schema, Readonly<Record<string, unknown>>] {
  if (!Array.isArray(schema) || typeof schema[0] !== "function") {
    const [first, traits] = Array.isArray(schema) && schema.length === 2 ? schema : [schema, {}]
    return [lazy(first), typeof traits === "object" && traits !== null ? traits : {}]
  }
  return [lazy(schema[0]), typeof schema[1] === "object" && schema[1] !== null ? schema[1] : {}]
}

const JSON_TYPES: Readonly<Record<number, string>> = { 0: "string", 1: "number", 2: "boolean", 4: "number" }

interface Format {
  readonly nameOf: (name: string, traits: Readonly<Record<string, unknown>>) => string
  readonly entriesOf: (value: unknown, schema: Schema) => readonly unknown[]
  readonly typeOf: (kind: number) => string | undefined
}

const JSON_FORMAT: Format = {
  nameOf: (name) => name,
  entriesOf: (value) => (Array.isArray(value) ? value : [value]),
  typeOf: (kind) => JSON_TYPES[kind],
}

const XML_FORMAT: Format = {
  nameOf: (name, traits) => (typeof traits.xmlName === "string" ? traits.xmlName : name),
  entriesOf: (value, schema) => {
    const element = Array.isArray(schema) ? member(schema[4])[1].xmlName : undefined
    const name = typeof element === "string" ? element : "member"
    if (typeof value !== "object" || value === null) return []
    const unknown = Object.keys(value).filter((key) => key !== name)
    const entries: unknown = Object.entries(value).find(([key]) => key === name)?.[1]
    return [
      ...(Array.isArray(entries) ? entries : [entries]),
      ...unknown.map((key) => ({ [`list element ${key}`]: 1 })),
    ]
  },
  typeOf: () => undefined,
}

function inStructure(
  schema: readonly unknown[],
  value: unknown,
  at: string,
  format: Format,
): readonly string[] {
  const names = Array.isArray(schema[4]) ? schema[4] : []
  const schemas = Array.isArray(schema[5]) ? schema[5] : []
  const members = new Map(
    names.map((name, index) => {
      const [inner, traits] = member(schemas[index])
      return [format.nameOf(String(name), traits), inner] as const
    }),
  )
  if (typeof value !== "object" || value === null) return value === "" ? [] : [`${at}: not an object`]
  return Object.entries(value).flatMap(([key, inner]) =>
    members.has(key)
      ? wrongIn(members.get(key), inner, `${at}.${key}`, format)
      : [`${at}.${key}: not in the model`],
  )
}

/** Returns the paths that do not match the model. */
function wrongIn(lazySchema: Schema, value: unknown, at: string, format: Format): readonly string[] {
  const schema = lazy(lazySchema)
  if (typeof schema === "number" && schema < LIST_OF) {
    const type = format.typeOf(schema)
    return type === undefined || typeof value === type ? [] : [`${at}: ${typeof value} instead of ${type}`]
  }
  if (typeof schema === "number") {
    if (schema >= MAP_OF) return []
    return format.entriesOf(value, schema).flatMap((entry) => wrongIn(schema - LIST_OF, entry, at, format))
  }
  if (!Array.isArray(schema)) return []
  if (schema[0] === STRUCTURE || schema[0] === UNION) return inStructure(schema, value, at, format)
  if (schema[0] === LIST) {
    const [inner] = member(schema[4])
    return format
      .entriesOf(value, schema)
      .flatMap((entry, index) => wrongIn(inner, entry, `${at}[${index}]`, format))
  }
  return schema[0] === MAP && (typeof value !== "object" || value === null) ? [`${at}: not a map`] : []
}

const parser = new XMLParser({ ignoreAttributes: true, parseTagValue: false })

const only = (value: unknown, keys: readonly string[]): unknown =>
  typeof value === "object" && value !== null
    ? Object.entries(value).find(([key]) => keys.includes(key))?.[1]
    : undefined

/**
 * Returns the members of a response that do not match the operation's model.
 *
 * @param operation schema of the operation, from the SDK's command.
 */
export function unknownMembers(operation: Schema, body: string): readonly string[] {
  const schema = lazy(operation)
  if (!Array.isArray(schema)) throw new Error("the command has no schema")
  const name = String(schema[2])
  const output = lazy(schema[5])
  if (!body.startsWith("<")) return wrongIn(output, JSON.parse(body), name, JSON_FORMAT)
  const root = only(parser.parse(body), [`${name}Response`])
  const wrapped = only(root, [`${name}Result`])
  if (wrapped !== undefined) return wrongIn(output, wrapped, name, XML_FORMAT)
  const flat = Object.fromEntries(Object.entries(root ?? {}).filter(([key]) => key !== "requestId"))
  return wrongIn(output, flat, name, XML_FORMAT)
}
