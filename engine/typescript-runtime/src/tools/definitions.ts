import type {
  Argument,
  Arguments,
  EnumType,
  InterfaceType,
  Location,
  Method,
  ModuleTypes,
  ObjectType,
  Property,
  TypeReference,
} from "../description.js"
import { type Chain, call, type Ids } from "./query.js"

/** Defines a module's types in the engine and gives the module's id. */
export async function registered(types: ModuleTypes, ids: Ids): Promise<string> {
  const define = new Definitions(types, ids)
  const parts = await Promise.all([
    ...Object.values(types.objects).map(
      async (type) => `withObject${call({ object: await define.object(type) })}`,
    ),
    ...Object.values(types.enums).map(async (type) => `withEnum${call({ enum: await define.enum(type) })}`),
    ...Object.values(types.interfaces).map(
      async (type) => `withInterface${call({ iface: await define.interface(type) })}`,
    ),
  ])
  const described = types.description ? [`withDescription${call({ description: types.description })}`] : []
  return ids.of("module", ...described, ...parts)
}

/** The queries for definitions; what they refer to is defined first. */
class Definitions {
  readonly #types: ModuleTypes
  readonly #ids: Ids

  constructor(types: ModuleTypes, ids: Ids) {
    this.#types = types
    this.#ids = ids
  }

  async object({
    name,
    description,
    deprecated,
    at,
    methods,
    properties,
    _constructor,
  }: ObjectType): Promise<string> {
    const [sourceMap, functions, fields, args] = await Promise.all([
      this.#place(at),
      this.#functions(methods),
      all(properties, (field) => this.#field(field)),
      _constructor ? this.#arguments(_constructor.arguments) : null,
    ])
    const own = [
      "typeDef",
      `withObject${call({ name, description, sourceMap, deprecated })}`,
      ...functions,
      ...fields.flat(),
    ]
    const id = await this.#ids.of(...own)
    if (!args) return id
    const made = await this.#ids.of(`function${call({ name: "", returnType: id })}`, ...args)
    return this.#ids.of(...own, `withConstructor${call({ function: made })}`)
  }

  async enum({ name, description, at, values }: EnumType): Promise<string> {
    const members = await all(values, async ({ name, value, description, deprecated, at }) => {
      return `withEnumMember${call({ name, value, description, sourceMap: await this.#place(at), deprecated })}`
    })
    return this.#ids.of(
      "typeDef",
      `withEnum${call({ name, description, sourceMap: await this.#place(at) })}`,
      ...members,
    )
  }

  async interface({ name, description, functions }: InterfaceType): Promise<string> {
    return this.#ids.of(
      "typeDef",
      `withInterface${call({ name, description })}`,
      ...(await this.#functions(functions)),
    )
  }

  async #functions(methods: Readonly<Record<string, Method>>): Promise<Chain> {
    return all(methods, async (method) => `withFunction${call({ function: await this.#function(method) })}`)
  }

  async #function(method: Method): Promise<string> {
    const [returnType, sourceMap, args] = await Promise.all([
      this.#type(method.returnType),
      this.#place(method.at),
      this.#arguments(method.arguments),
    ])
    return this.#ids.of(
      `function${call({ name: method.alias ?? method.name, returnType })}`,
      `withDescription${call({ description: method.description ?? "" })}`,
      `withSourceMap${call({ sourceMap })}`,
      ...args,
      ...policies(method),
    )
  }

  async #field({ name, alias, isExposed, type, description, deprecated, at }: Property): Promise<Chain> {
    if (!isExposed) return []
    const [typeDef, sourceMap] = await Promise.all([this.#type(type), this.#place(at)])
    return [`withField${call({ name: alias ?? name, typeDef, description, sourceMap, deprecated })}`]
  }

  #arguments(args: Arguments): Promise<Chain> {
    return all(args, async (arg) => {
      const { name, description, deprecated, defaultPath, defaultAddress, ignore, at } = arg
      const { optional, value } = this.#default(arg)
      const [typeDef, sourceMap] = await Promise.all([this.#type(arg.type, optional), this.#place(at)])
      const defaults = {
        defaultValue: value,
        defaultPath: defaultPath || undefined,
        defaultAddress: defaultAddress || undefined,
      }
      return `withArg${call({ name, typeDef, description, ...defaults, ignore, sourceMap, deprecated })}`
    })
  }

  /**
   * What the engine is told of an argument's default: one that it cannot hold makes the argument optional, and
   * TypeScript fills it in. The members of the module's own enums go by name.
   */
  #default({ name, type, isOptional, defaultValue, defaultPath, defaultAddress }: Argument) {
    if ([defaultValue, defaultPath, defaultAddress].filter(Boolean).length > 1)
      throw new Error(`the argument ${name} can have one default, and has several`)
    if (defaultValue === undefined) return { optional: isOptional ?? false }
    if (!PRIMITIVES.has(type.kind)) return { optional: true }
    const value = type.kind === ENUM ? this.#memberName(type.name ?? "", defaultValue) : defaultValue
    return { optional: isOptional ?? false, value: JSON.stringify(value) }
  }

  #memberName(name: string, value: unknown): unknown {
    const type = this.#types.enums[name]
    if (!type) return value
    const member = Object.values(type.values).find((candidate) => candidate.value === value)
    if (!member) throw new Error(`the default '${value}' is no member of the enum ${name}`)
    return member.name
  }

  async #place(at: Location | undefined): Promise<string | undefined> {
    if (!at) return undefined
    return this.#ids.of(`sourceMap${call({ filename: at[0], line: at[1], column: at[2] })}`)
  }

  async #type(type: TypeReference, optional = false): Promise<string> {
    return this.#ids.of(
      "typeDef",
      await this.#definition(type),
      ...(optional || type.kind === VOID ? ["withOptional(optional:true)"] : []),
    )
  }

  async #definition({ kind, name, typeDef }: TypeReference): Promise<string> {
    if (typeDef) return `withListOf${call({ elementType: await this.#type(typeDef) })}`
    const named = NAMED[kind]
    return named ? `${named}${call({ name })}` : `withKind(kind:${kind})`
  }
}

const ENUM = "ENUM_KIND"
const VOID = "VOID_KIND"
const PRIMITIVES = new Set(["BOOLEAN_KIND", "INTEGER_KIND", "STRING_KIND", "FLOAT_KIND", ENUM])

/** How a type is referred to whose definition is elsewhere. */
const NAMED: Readonly<Record<string, string>> = {
  SCALAR_KIND: "withScalar",
  OBJECT_KIND: "withObject",
  [ENUM]: "withEnum",
  INTERFACE_KIND: "withInterface",
}

function policies({ cache, deprecated, isCheck, isGenerator, isUp }: Method): Chain {
  return [
    ...cachePolicy(cache),
    ...(deprecated === undefined ? [] : [`withDeprecated${call({ reason: deprecated })}`]),
    ...(isCheck ? ["withCheck"] : []),
    ...(isGenerator ? ["withGenerator"] : []),
    ...(isUp ? ["withUp"] : []),
  ]
}

/** `@func({ cache })`: never, once a session, or for a time; "" leaves the engine's default alone. */
function cachePolicy(cache: string | undefined): Chain {
  if (cache === "") return []
  if (cache === "never") return ["withCachePolicy(policy:Never)"]
  if (cache === "session") return ["withCachePolicy(policy:PerSession)"]
  return [`withCachePolicy${call({ timeToLive: cache }, "policy:Default")}`]
}

const all = <A, B>(record: Readonly<Record<string, A>>, change: (value: A) => Promise<B>): Promise<B[]> =>
  Promise.all(Object.values(record).map(change))
