import { anyOf } from "../formats/pattern.js"
import { baseName } from "./paths.js"
import type { Program } from "./scripts.js"

/** Test runners that run all tests where nothing picks some. */
const WHOLE = ["vitest", "jest", "ava", "tap", "poku", "node --test", "bun test"]
/** Programs that run tests. */
export const RUNNERS: readonly string[] = [...WHOLE, "mocha", "tape"]

/** Tells whether a program is one that a name such as `playwright test` or `git --exit-code` means. */
export function isOf(program: Program, named: string): boolean {
  const [name, word] = named.split(" ")
  return program.name === name && (word === undefined || program.args.includes(word))
}

/** Returns the words of a program. */
export const textOf = ({ name, args }: Program): string => [name, ...args].join(" ")

const CONFIG = /^(?:-c|--config)(?:=(.*))?$/
const PROJECT = /^(?:--project|--selectProjects)(?:=(.*))?$/
const PATH = anyOf([/[/*]/, /\.[cm]?[jt]sx?$/])

const valuesOf = ({ args }: Program, option: RegExp): readonly string[] =>
  args.flatMap((arg, i) => {
    const found = option.exec(arg)
    return found ? [baseName(found[1] ?? args[i + 1] ?? "")] : []
  })

/** What picks some of the tests: the runner's configuration, its projects, files. */
function picksOf(one: Program) {
  const config = valuesOf(one, CONFIG).join(" ")
  const paths = one.args.filter(
    (arg, i) => PATH.test(arg) && !/^-/.test(arg) && !CONFIG.test(one.args[i - 1] ?? ""),
  )
  const some = [...valuesOf(one, PROJECT), ...paths].join(" ")
  return { config, some }
}

/** Tells whether one program does the work of another: it is the same, or a test runner that runs the same tests, or all. */
export function doesWorkOf(other: Program, one: Program): boolean {
  if (textOf(other) === textOf(one)) return true
  const runner = RUNNERS.find((named) => isOf(one, named))
  if (runner === undefined || !isOf(other, runner)) return false
  const [own, its] = [picksOf(one), picksOf(other)]
  return own.config === its.config && (own.some === its.some || (its.some === "" && WHOLE.includes(runner)))
}

/** Tells whether a program runs tests. */
export const isRunner = (one: Program): boolean => RUNNERS.some((named) => isOf(one, named))
