/** What the module's sources say about its functions, as plain data. */
export interface ModuleDescription {
  /** Options of every function: the arguments of the module's constructor. */
  readonly options: readonly Parameter[]
  /** Functions of each class; those of the module itself are under {@link MAIN}. */
  readonly objects: Readonly<Record<string, readonly ModuleFunction[]>>
}

/** A function of the module, under the name that `dagger call` knows it by. */
export interface ModuleFunction {
  readonly name: string
  /** The doc comment without its `@param` tags. */
  readonly text: string
  readonly parameters: readonly Parameter[]
  /** The type of the result without `Promise`: `string`, `Directory`, or a class of the module. */
  readonly result: string
}

/** An argument, under the name of its option without the dashes. */
export interface Parameter {
  readonly name: string
  /** The type as written: `boolean`, `string[]`, `File`. */
  readonly type: string
  readonly required: boolean
  /** The default as written, or null. */
  readonly fallback: string | null
  readonly text: string
}

/** The class of the module itself. */
export const MAIN = "Slipway"

/** The functions of the module itself. */
export const mainFunctions = ({ objects }: ModuleDescription): readonly ModuleFunction[] =>
  objects[MAIN] ?? []

/** The functions that a function leads to, such as `unit` and `integration` of `test`; none for most. */
export const innerFunctions = (
  { objects }: ModuleDescription,
  { result }: ModuleFunction,
): readonly ModuleFunction[] => objects[result] ?? []

/** Every function by its words: `lint`, `test unit`. */
export function paths(module: ModuleDescription): readonly string[] {
  return mainFunctions(module).flatMap((main) => {
    const inner = innerFunctions(module, main)
    return inner.length === 0 ? [main.name] : inner.map(({ name }) => `${main.name} ${name}`)
  })
}

/** The first sentence of a doc comment, on one line. */
export const firstSentence = (text: string): string =>
  /^.*?[.:](?=\s|$)/s.exec(text)?.[0].replace(/\s+/g, " ").replace(/[.:]$/, "") ?? text.replace(/\s+/g, " ")
