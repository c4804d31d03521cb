/**
 * The module's types as a function call needs them, revived from what the build wrote. The SDK's own classes of
 * the same names read the TypeScript program; its dispatch asks these few questions of them.
 */
import type { CalledModule } from "../description.js"

class Arguments {
  declare readonly arguments: Readonly<Record<string, unknown>>

  getArgsOrder(): string[] {
    return Object.keys(this.arguments)
  }
}

/** A class of the module. */
export class DaggerObject {
  kind(): "class" | "object" {
    return "class"
  }
}

/** An object written as `type`: it has no functions. */
export class DaggerTypeObject {
  kind(): "class" | "object" {
    return "object"
  }
}

/** An enum of the module. */
export class DaggerEnum {}

/** An enum written as a class is the same to a call. */
export class DaggerEnumClass extends DaggerEnum {}

/** Gives the build's plain data the classes that the SDK's dispatch tests for. */
export function revive(module: CalledModule): CalledModule {
  const as = <T extends object>(type: abstract new () => object, value: T): T =>
    Object.assign(Object.create(type.prototype), value)
  const each = <T>(record: Readonly<Record<string, T>>, change: (value: T) => T): Record<string, T> =>
    Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]))
  return {
    ...module,
    objects: each(module.objects, (object) =>
      as(object.isClass ? DaggerObject : DaggerTypeObject, {
        ...object,
        methods: each(object.methods, (method) => as(Arguments, method)),
        ...(object._constructor ? { _constructor: as(Arguments, object._constructor) } : {}),
      }),
    ),
    enums: each(module.enums, (type) => as(DaggerEnum, type)),
  }
}
