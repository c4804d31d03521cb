/** Stands in for TypeScript in the SDK's introspector, to say which of its libraries a program reads. */
import ts from "typescript"

let libraries: readonly string[] | undefined

/** Has programs read the types of the language alone, or all that TypeScript would. */
export function readLibraries(which: "language" | "all"): void {
  libraries = which === "language" ? ["lib.es2022.d.ts"] : undefined
}

function createProgram(files: readonly string[], options: ts.CompilerOptions): ts.Program {
  return ts.createProgram(files, libraries ? { ...options, lib: [...libraries] } : options)
}

export default Object.create(ts, { createProgram: { value: createProgram } })
