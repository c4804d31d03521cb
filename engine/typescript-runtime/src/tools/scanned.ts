import type {
  Argument,
  EnumMember,
  EnumType,
  InterfaceType,
  Location,
  Method,
  ModuleTypes,
  ObjectType,
  Property,
  Told,
} from "../description.js"

/** A declaration as the SDK's introspector gives it, tied to the TypeScript program. */
type Scanned<T> = T & {
  getLocation(): { readonly filepath: string; readonly line: number; readonly column: number }
}

type ScannedMethod = Scanned<Omit<Method, "arguments">> & {
  readonly arguments: Readonly<Record<string, Scanned<Argument>>>
}

/** What the SDK's introspector gives for a module. */
export interface ScannedModule {
  readonly name: string
  readonly description?: string
  readonly objects: Readonly<
    Record<
      string,
      Scanned<Told & { readonly name: string }> & {
        kind(): "class" | "object"
        readonly _constructor?: { readonly arguments: Readonly<Record<string, Scanned<Argument>>> }
        readonly methods: Readonly<Record<string, ScannedMethod>>
        readonly properties: Readonly<Record<string, Scanned<Property>>>
      }
    >
  >
  readonly enums: Readonly<
    Record<
      string,
      Scanned<Told & { readonly name: string }> & {
        readonly values: Readonly<Record<string, Scanned<EnumMember>>>
      }
    >
  >
  readonly interfaces: Readonly<
    Record<
      string,
      Scanned<Told & { readonly name: string }> & {
        readonly functions: Readonly<Record<string, ScannedMethod>>
      }
    >
  >
}

/** Takes from the introspector's result what is to be kept, as plain data. */
export function describe(module: ScannedModule): ModuleTypes {
  return {
    ...picked(module, ["name", "description"]),
    objects: each(
      module.objects,
      (object): ObjectType => ({
        ...told(object),
        isClass: object.kind() === "class",
        ...(object._constructor
          ? { _constructor: { name: "", arguments: each(object._constructor.arguments, argument) } }
          : {}),
        methods: each(object.methods, method),
        properties: each(object.properties, (property) => ({
          ...told(property),
          ...picked(property, ["alias", "isExposed", "type"]),
        })),
      }),
    ),
    enums: each(
      module.enums,
      (type): EnumType => ({
        ...told(type),
        values: each(type.values, (member) => ({ ...told(member), ...picked(member, ["value"]) })),
      }),
    ),
    interfaces: each(
      module.interfaces,
      (type): InterfaceType => ({ ...told(type), functions: each(type.functions, method) }),
    ),
  }
}

const each = <A, B>(record: Readonly<Record<string, A>>, change: (value: A) => B): Record<string, B> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]))

function picked<T extends object, K extends keyof T>(value: T, keys: readonly K[]): Pick<T, K> {
  return Object.fromEntries(
    keys.filter((key) => value[key] !== undefined).map((key) => [key, value[key]]),
  ) as Pick<T, K>
}

function told<T extends Told & { readonly name: string }>(
  declaration: Scanned<T>,
): Pick<T, "name" | "description" | "deprecated"> & { at: Location } {
  const { filepath, line, column } = declaration.getLocation()
  return { ...picked(declaration, ["name", "description", "deprecated"]), at: [filepath, line, column] }
}

function method(scanned: ScannedMethod): Method {
  return {
    ...told(scanned),
    ...picked(scanned, ["alias", "cache", "isCheck", "isGenerator", "isUp", "returnType"]),
    arguments: each(scanned.arguments, argument),
  }
}

function argument(scanned: Scanned<Argument>): Argument {
  return {
    ...told(scanned),
    ...picked(scanned, [
      "type",
      "isVariadic",
      "isNullable",
      "isOptional",
      "defaultValue",
      "defaultPath",
      "defaultAddress",
      "ignore",
    ]),
  }
}

/** What only a reader and the engine want to know. */
const TOLD = new Set([
  "description",
  "deprecated",
  "at",
  "isExposed",
  "ignore",
  "cache",
  "isCheck",
  "isGenerator",
  "isUp",
])

/** The same types without what a call has no use for: it reads them at every start. */
export function forCalls(types: ModuleTypes): ModuleTypes {
  // A record's key may be the name of a method or a field: those hold an object, which texts and lists are not.
  const isRecord = (value: unknown): value is object =>
    typeof value === "object" && value !== null && !Array.isArray(value)
  const slim = (value: object): object =>
    Object.fromEntries(
      Object.entries(value)
        .filter(([key, part]) => isRecord(part) || !TOLD.has(key))
        .map(([key, part]) => [key, isRecord(part) && key !== "defaultValue" ? slim(part) : part]),
    )
  return slim(types) as ModuleTypes
}
