import { remembered } from "../formats/remembered.js"
import { ASSIGNMENT, type ShellCommand, shellJobs } from "./shell-words.js"
import { isRace, matching, RUN_SEVERAL, startedTexts } from "./started.js"

/** The scripts of a package.json, by name. */
type Scripts = Readonly<Record<string, string>>

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

function ofScript(scripts: Scripts, script: string, depth: number): readonly Program[] {
  return [`pre${script}`, script, `post${script}`].flatMap((name) =>
    ofText(scripts, scripts[name] ?? "", depth),
  )
}

const ofText = (scripts: Scripts, text: string, depth: number): readonly Program[] =>
  shellJobs(text).flatMap(({ words, background }) => {
    const programs = ofCommand(scripts, words, depth)
    return background ? programs.map((one): Program => ({ ...one, beside: "background" })) : programs
  })

function ofCommand(scripts: Scripts, words: ShellCommand, depth: number): readonly Program[] {
  const command = unwrapped(words)
  const several = ofSeveral(scripts, command, depth)
  if (several !== null)
    return isRace(command) ? several.map((one): Program => ({ beside: "race", ...one })) : several
  const [first = "", ...args] = command
  if (RUN_PROGRAMS.includes(first) && !NO_PROGRAM.test(args[0] ?? "-")) return ofCommand(scripts, args, depth)
  return first === "" ? [] : [throughNode({ name: baseOf(first).replace(VERSION, ""), args })]
}

/** The programs behind a command that only starts others: scripts of the package, or commands that it is given as texts. */
function ofSeveral(scripts: Scripts, command: ShellCommand, depth: number): readonly Program[] | null {
  const texts = startedTexts(scripts, command)
  if (texts !== null) return texts.flatMap((text) => ofText(scripts, text, depth))
  const called = calledScripts(scripts, command)
  if (called.length === 0) return null
  return depth === 0 ? [] : called.flatMap((name) => ofScript(scripts, name, depth - 1))
}

/** What stands behind a program's name in `npx vitest@3`. */
const VERSION = /(?<=.)@.*$/

/** Managers that run a program by its name alone, unless one of their commands or a script has that name. */
const RUN_PROGRAMS = ["pnpm", "yarn", "bun"]
const NO_PROGRAM =
  /^(?:-|(?:run|exec|dlx|x|test|t|start|install|i|add|build|workspaces?|recursive|pack|publish|node|set)$)/

const baseOf = (path: string) => path.slice(path.lastIndexOf("/") + 1)

/** Programs that start the one named behind their own options. `values` are options with a value as the next word. */
const WRAPPERS: Readonly<Record<string, { readonly after?: string; readonly values?: readonly string[] }>> = {
  "cross-env": {},
  "cross-env-shell": {},
  env: {},
  exec: {},
  time: {},
  npx: { values: ["-p", "--package"] },
  pnpx: {},
  bunx: {},
  c8: {
    values: [
      "-r",
      "--reporter",
      "-x",
      "--exclude",
      "-n",
      "--include",
      "-o",
      "--reports-dir",
      "-c",
      "--config",
    ],
  },
  nyc: { values: ["-r", "--reporter", "-x", "--exclude", "-n", "--include", "--report-dir", "--temp-dir"] },
  dotenv: { after: "--", values: ["-e"] },
  "dotenv-cli": { after: "--", values: ["-e"] },
  "env-cmd": { values: ["-f", "--file", "-e", "--environments"] },
}

/** `npm exec x`, `pnpm exec x`, `yarn exec x`, `pnpm dlx x`. */
const EXECUTES: Readonly<Record<string, readonly string[]>> = {
  npm: ["exec", "x"],
  pnpm: ["exec", "dlx"],
  yarn: ["exec", "dlx"],
  bun: ["x"],
}

function unwrapped(words: ShellCommand): ShellCommand {
  const start = words.findIndex((word) => !ASSIGNMENT.test(word))
  if (start === -1) return []
  const [first = "", ...rest] = words.slice(start)
  const name = baseOf(first)
  const [second = ""] = rest
  if (EXECUTES[name]?.includes(second)) return unwrapped(rest.slice(1).filter((word) => word !== "--"))
  const wrapper = WRAPPERS[name]
  if (wrapper === undefined) return [first, ...rest]
  const behind = wrapper.after === undefined ? -1 : rest.indexOf(wrapper.after)
  return unwrapped(behind === -1 ? afterOptions(rest, wrapper.values ?? []) : rest.slice(behind + 1))
}

function afterOptions(words: ShellCommand, values: readonly string[]): ShellCommand {
  const [first = "", ...rest] = words
  if (first === "--") return rest
  if (!first.startsWith("-")) return words
  return afterOptions(values.includes(first) ? rest.slice(1) : rest, values)
}

/** Words that other packages are named by. */
const ELSEWHERE = /^(?:-w|-ws|-r|-F|-C|--workspaces?|--filter|--recursive|--prefix|--cwd|workspaces?)(?:=|$)/

/** Words of npm, pnpm, yarn and bun that are scripts by themselves. */
const OWN_WORDS: Readonly<Record<string, string>> = { test: "test", t: "test", tst: "test", start: "start" }

const MANAGERS = ["npm", "pnpm", "yarn", "bun"]

/** The names of the package's own scripts that a command calls. */
function calledScripts(scripts: Scripts, [first = "", ...args]: ShellCommand): readonly string[] {
  const name = baseOf(first)
  const known = (script: string) => script in scripts
  if (RUN_SEVERAL.includes(name)) return args.flatMap((arg) => matching(scripts, arg))
  if (name === "node") return args[0] === "--run" ? matching(scripts, args[1] ?? "") : []
  const manager = MANAGERS.find((one) => one === name)
  if (manager === undefined || args.some((arg) => ELSEWHERE.test(arg))) return []
  const [word = "", next = ""] = args.filter((arg) => !arg.startsWith("-"))
  if (["run", "run-script", "rum"].includes(word)) return [next].filter(known)
  if (manager === "bun" && word === "test") return []
  return [OWN_WORDS[word] ?? (manager === "npm" ? "" : word)].filter(known)
}

/** `node node_modules/vitest/vitest.mjs run` is vitest. */
function throughNode({ name, args }: Program): Program {
  if (name !== "node") return { name, args }
  const at = args.findIndex((arg) => /node_modules\//.test(arg))
  const found = /.*node_modules\/(?:\.bin\/)?((?:@[^/]+\/)?[^/]+)/.exec(args[at] ?? "")?.[1]
  return found === undefined ? { name, args } : { name: baseOf(found), args: args.slice(at + 1) }
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
