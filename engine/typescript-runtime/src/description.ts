/**
 * What the build learns from a module's source. Written once when the source changes: whole for registering the
 * types with the engine, and without its texts for the calls.
 */

/** A type as the SDK resolved it; lists carry their element in `typeDef`, named types their `name`. */
export interface TypeReference {
  readonly kind: string
  readonly name?: string
  readonly typeDef?: TypeReference
}

/** File, line and column, counted from one. */
export type Location = readonly [filepath: string, line: number, column: number]

/** What every declaration may say for a reader. */
export interface Told {
  readonly description?: string
  readonly deprecated?: string
  readonly at?: Location
}

/** An argument of a function or a constructor. */
export interface Argument extends Told {
  readonly name: string
  readonly type: TypeReference
  readonly isVariadic?: boolean
  readonly isNullable?: boolean
  readonly isOptional?: boolean
  readonly defaultValue?: unknown
  readonly defaultPath?: string
  readonly defaultAddress?: string
  readonly ignore?: readonly string[]
}

/** By their names, in the order of the source. */
export type Arguments = Readonly<Record<string, Argument>>

/** A method that is a function of the module. */
export interface Method extends Told {
  readonly name: string
  readonly alias?: string
  readonly cache?: string
  readonly isCheck?: boolean
  readonly isGenerator?: boolean
  readonly isUp?: boolean
  readonly returnType: TypeReference
  readonly arguments: Arguments
}

/** A property of a class; a field of the module where it is exposed. */
export interface Property extends Told {
  readonly name: string
  readonly alias?: string
  readonly isExposed?: boolean
  readonly type: TypeReference
}

/** A class, or an object type written as `type`. */
export interface ObjectType extends Told {
  readonly name: string
  readonly isClass: boolean
  readonly _constructor?: { readonly name: string; readonly arguments: Arguments }
  readonly methods: Readonly<Record<string, Method>>
  readonly properties: Readonly<Record<string, Property>>
}

/** A value of an enum. */
export interface EnumMember extends Told {
  readonly name: string
  readonly value: unknown
}

/** An enum, with its members by name. */
export interface EnumType extends Told {
  readonly name: string
  readonly values: Readonly<Record<string, EnumMember>>
}

/** An interface, which objects of other modules fulfil. */
export interface InterfaceType extends Told {
  readonly name: string
  readonly functions: Readonly<Record<string, Method>>
}

/** A module's types. */
export interface ModuleTypes {
  readonly name: string
  readonly description?: string
  readonly objects: Readonly<Record<string, ObjectType>>
  readonly enums: Readonly<Record<string, EnumType>>
  readonly interfaces: Readonly<Record<string, InterfaceType>>
}

/** A module's types as a call reads them. */
export interface CalledModule extends ModuleTypes {
  /** True when the module's code makes spans, so that the exporter must be loaded before it. */
  readonly telemetry: boolean
}
