import { remembered } from "../formats/remembered.js"
import { behindPrefixes, namesOthers } from "./command-prefixes.js"
import { baseName } from "./paths.js"
import { isManagerName } from "./project.js"
import { type ShellCommand, shellJobs } from "./shell-words.js"
import { isRace, matching, RUN_SEVERAL, startedTexts } from "./started.js"

/** The scripts of a package.json, by name. */
export type Scripts = Readonly<Record<string, string>>

/** A program that a script starts in the end, with its arguments. */
export interface Program {
  /** `vitest`, `node`: without a folder. */
  readonly name: string
  readonly args: readonly string[]
  /**
   * Set where the script does not wait for its end: it runs in the background, or is stopped as soon as one of those
   * started with it ends.
   */
  readonly beside?: "background" | "race"
}

/** How deep scripts may call each other. */
const DEEPEST = 8

/**
 * Returns the programs that a script starts, in their order: through scripts that it calls (`npm run x`, `pretest`), and
 * through programs that only start another (`cross-env`, `c8`, `npx`). One in another package (`npm test -w api`) is not
 * followed.
 */
export function programsOf(scripts: Scripts, script: string): readonly Program[] {
  const known = FOUND.get(scripts) ?? remembered((name) => ofScript(scripts, name, DEEPEST))
  FOUND.set(scripts, known)
  return known(script)
}

/** Returns the programs that a command line starts in a package with these scripts, as {@link programsOf} does. */
export const programsIn = (scripts: Scripts, text: string): readonly Program[] =>
  ofText(scripts, text, DEEPEST)

const FOUND = new WeakMap<Scripts, (script: string) => readonly Program[]>()

function ofScript(
  scripts: Scripts,
  script: string,
  depth: number,
  given: readonly string[] = [],
): readonly Program[] {
  const ofOne = (name: string) => ofText(scripts, scripts[name] ?? "", depth)
  return [...ofOne(`pre${script}`), ...withGiven(ofOne(script), given), ...ofOne(`post${script}`)]
}

/** Gives the last program of a script the words behind the script's name: `-t e2e` of `yarn nx -t e2e`. */
const withGiven = (programs: readonly Program[], given: readonly string[]): readonly Program[] =>
  given.length === 0
    ? programs
    : programs.map((one, i) => (i === programs.length - 1 ? { ...one, args: [...one.args, ...given] } : one))

const ofText = (scripts: Scripts, text: string, depth: number): readonly Program[] =>
  shellJobs(text).flatMap(({ words, background }) => {
    const programs = ofCommand(scripts, words, depth)
    return background ? programs.map((one): Program => ({ ...one, beside: "background" })) : programs
  })

function ofCommand(scripts: Scripts, words: ShellCommand, depth: number): readonly Program[] {
  const { command } = behindPrefixes(words, (name) => name in scripts)
  const several = ofSeveral(scripts, command, depth)
  if (several !== null)
    return isRace(command) ? several.map((one): Program => ({ beside: "race", ...one })) : several
  const [first = "", ...args] = command
  return first === "" ? [] : [throughNode({ name: baseName(first), args })]
}

/** The programs behind a command that only starts others: scripts of the package, or commands that it is given as texts. */
function ofSeveral(scripts: Scripts, command: ShellCommand, depth: number): readonly Program[] | null {
  const texts = startedTexts(scripts, command)
  if (texts !== null) return texts.flatMap((text) => ofText(scripts, text, depth))
  const called = callsOf(scripts, command)
  if (called.length === 0) return null
  return depth === 0 ? [] : called.flatMap(({ script, args }) => ofScript(scripts, script, depth - 1, args))
}

/** Words of npm, pnpm, yarn and bun that are scripts by themselves. */
const OWN_WORDS: Readonly<Record<string, string>> = { test: "test", t: "test", tst: "test", start: "start" }

/** A call of a script, with the arguments that its last command gets. */
export interface Call {
  readonly script: string
  readonly args: readonly string[]
}

/** Returns the calls of a package's own scripts that a command is. */
export function callsOf(scripts: Scripts, command: ShellCommand): readonly Call[] {
  const called = calledScripts(scripts, command)
  const [script] = called
  if (script === undefined || called.length > 1) return called.map((one) => ({ script: one, args: [] }))
  const given = command.slice(command.findIndex((word) => (OWN_WORDS[word] ?? word) === script) + 1)
  const [manager = ""] = command
  // npm hands on what stands behind `--` alone, and the others take it for one of their own words no more.
  const divided = given.indexOf("--")
  if (baseName(manager) === "npm") return [{ script, args: divided === -1 ? [] : given.slice(divided + 1) }]
  return [{ script, args: isManagerName(baseName(manager)) ? given.filter((word) => word !== "--") : [] }]
}

/** The names of the package's own scripts that a command calls. */
function calledScripts(scripts: Scripts, [first = "", ...args]: ShellCommand): readonly string[] {
  const name = baseName(first)
  const known = (script: string) => script in scripts
  if (RUN_SEVERAL.includes(name)) return args.flatMap((arg) => matching(scripts, arg))
  if (name === "node") return args[0] === "--run" ? matching(scripts, args[1] ?? "") : []
  if (!isManagerName(name) || namesOthers(args)) return []
  const [word = "", next = ""] = args.filter((arg) => !arg.startsWith("-"))
  if (["run", "run-script", "rum"].includes(word)) return [next].filter(known)
  if (name === "bun" && word === "test") return []
  return [OWN_WORDS[word] ?? (name === "npm" ? "" : word)].filter(known)
}

/** `node node_modules/vitest/vitest.mjs run` is vitest. */
function throughNode({ name, args }: Program): Program {
  if (name !== "node") return { name, args }
  const at = args.findIndex((arg) => /node_modules\//.test(arg))
  const found = /.*node_modules\/(?:\.bin\/)?((?:@[^/]+\/)?[^/]+)/.exec(args[at] ?? "")?.[1]
  return found === undefined ? { name, args } : { name: baseName(found), args: args.slice(at + 1) }
}

const NOTHING = ["echo", "true", ":", "exit", "printf"]

/** Tells whether a script checks nothing: it is empty, prints a text, or is the placeholder of `npm init`. */
export const doesNothing = (scripts: Scripts, script: string): boolean =>
  programsOf(scripts, script).every(({ name }) => NOTHING.includes(name))

/** Tells whether a script is the one that `npm init` writes. */
export const isPlaceholder = (text: string): boolean => /no test specified/i.test(text)

/** Options by which tools change files, and programs that do nothing else. */
const WRITES = /^--(?:write|fix|apply|apply-unsafe)\b/

/** Tells whether a script repairs what it finds. */
export const writesFiles = (scripts: Scripts, script: string): boolean =>
  programsOf(scripts, script).some(
    ({ name, args }) => args.some((arg) => WRITES.test(arg)) || (name === "prettier" && args.includes("-w")),
  )

/** Returns a package without the scripts that check nothing. */
export const withRealScripts = <T extends { readonly scripts: Scripts }>(workspace: T): T => ({
  ...workspace,
  scripts: Object.fromEntries(
    Object.entries(workspace.scripts).filter(([name]) => !doesNothing(workspace.scripts, name)),
  ),
})
