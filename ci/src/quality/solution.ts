import { parseJsonc, recordOf } from "../formats/json.js"
import { type Program, programsOf } from "../project/scripts.js"
import type { StageResult } from "../run/stage.js"

const COMPILERS = ["tsc", "vue-tsc"]
const ELSEWHERE = /^(?:-b|--build|-p|--project)$/

const readsOwn = ({ name, args }: Program): boolean =>
  COMPILERS.includes(name) && !args.some((arg) => ELSEWHERE.test(arg))

/** Tells whether a script checks what the package's tsconfig.json names, and no other configuration. */
export function checksOwnFiles(scripts: Readonly<Record<string, string>>, script: string): boolean {
  const compilers = programsOf(scripts, script).filter(({ name }) => COMPILERS.includes(name))
  return compilers.length > 0 && compilers.every(readsOwn)
}

/** Tells whether a tsconfig.json names no files and only refers to other configurations. */
function refersOnly(text: string | undefined): boolean {
  const { files, include = [], references } = recordOf(parseJsonc(text ?? ""))
  const isEmpty = (list: unknown) => Array.isArray(list) && list.length === 0
  return isEmpty(files) && isEmpty(include) && Array.isArray(references) && references.length > 0
}

/**
 * Says so where a compiler that is not told to build read a configuration that only refers to others: it checks no file,
 * and passes.
 *
 * @param file the tsconfig.json, as a path of the project.
 * @see https://www.typescriptlang.org/docs/handbook/project-references.html
 */
export function withUnchecked(result: StageResult, file: string, text: string | undefined): StageResult {
  if (result.verdict !== "passed" || !refersOnly(text)) return result
  const reason = "it only refers to others, and `tsc` without `--build` checks none of them"
  return {
    ...result,
    summary: `no file checked: ${file} only refers to others`,
    unchecked: [{ what: file, reason }],
  }
}
