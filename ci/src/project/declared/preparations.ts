import { behindPrefixes, variablesOf } from "../command-prefixes.js"
import { baseName } from "../paths.js"
import { isRunner, textOf } from "../same-work.js"
import { type Call, callsOf, programsOf, type Scripts } from "../scripts.js"
import { isOfShell, joinedLines, type ShellCommand, shellJobs } from "../shell-words.js"
import { CALLS_CLIENT } from "./database-clients.js"
import type { Env, Step } from "./found.js"
import { isMigration, isTold, preparesDatabase } from "./migration-scripts.js"
import { commandsOf, DOCKER } from "./scripts.js"

/** What a job does with databases before its tests: a call of a script of the package, or a command of a tool. */
export interface Preparation {
  readonly does: Call | { readonly words: ShellCommand }
  /** Relative to the repository. */
  readonly folder: string
  readonly env: Env
}

/** The scripts that command lines may call. */
export interface Callable {
  /** Those of the package with the tests. */
  readonly own: Scripts
  /** Those of the project's root. */
  readonly root: Scripts
  /** The script with the tests. */
  readonly test: string
}

/**
 * Returns what steps do with databases before the tests, in their order: by scripts of the package, which they may call
 * through others, and by tools. A command with a value that only the shell there knows is left out.
 */
export function preparationsIn(steps: readonly Step[], callable: Callable): readonly Preparation[] {
  const found = steps.flatMap((step) => (step.leftOut || step.folder === null ? [] : inStep(step, callable)))
  const end = found.indexOf(TESTS)
  return (end === -1 ? found : found.slice(0, end)).flatMap((one) => (one === TESTS ? [] : one))
}

const TESTS = "the tests"
type Found = Preparation | typeof TESTS

/** How deep scripts may call each other. */
const DEEPEST = 4

const inStep = (step: Step, callable: Callable): readonly Found[] => inText(step.run, step, callable, DEEPEST)

const inText = (text: string, step: Step, callable: Callable, depth: number): readonly Found[] =>
  shellJobs(joinedLines(text)).flatMap(({ words, background }) =>
    background ? [] : inCommand(words, step, callable, depth),
  )

function inCommand(all: ShellCommand, step: Step, callable: Callable, depth: number): readonly Found[] {
  const { own, root, test } = callable
  const { command, assigned } = behindPrefixes(all, (name) => name in own || name in root)
  const at = { folder: step.folder ?? "", env: { ...step.env, ...known(variablesOf(assigned)) } }
  const calls = callsOf(own, command)
  const others = calls.length > 0 ? [] : callsOf(root, command)
  if (calls.length + others.length === 0) {
    const [program = "", ...args] = command
    const words = [baseName(program), ...args]
    if (preparesDatabase(words.join(" ")) && !words.some(isOfShell)) return [{ does: { words }, ...at }]
    return elsewhere(own, command).map((does) => ({ does, ...at }))
  }
  const inside = (scripts: Scripts, name: string) =>
    [`pre${name}`, name, `post${name}`].flatMap((one) =>
      depth === 0 ? [] : inText(scripts[one] ?? "", { ...step, env: at.env }, callable, depth - 1),
    )
  return [
    ...calls.flatMap((call): readonly Found[] => {
      if (call.script === test) return [TESTS]
      return isPreparing(own, call) ? [{ does: withKnown(call), ...at }] : inside(own, call.script)
    }),
    ...others.flatMap(({ script }) => inside(root, script)),
  ]
}

const known = (env: Env): Env =>
  Object.fromEntries(Object.entries(env).filter(([, value]) => !isOfShell(value)))

const withKnown = ({ script, args }: Call): Call => ({
  script,
  args: args.some(isOfShell) ? [] : args,
})

/** The scripts that migrate and that a manager calls in a package which it names: `pnpm --filter api db:migrate`. */
const elsewhere = (own: Scripts, [, ...args]: ShellCommand): readonly Call[] =>
  args
    .filter((word) => word in own && isMigration(word))
    .slice(0, 1)
    .map((script) => ({ script, args: [] }))

/** Words in the names of scripts that prepare a database in some way. */
const OF_DATABASE = /(?:^|[:_-])(?:db|database|migrat\w*|seed\w*)(?:[:_-]|$)/i

const SHELL_FILE = /\.(?:ba|z|da)?sh(?:\s|$)/

/** Tells whether a call of a script in the team's CI prepares a database, and can do so beside the tests. */
function isPreparing(scripts: Scripts, { script, args }: Call): boolean {
  const programs = programsOf(scripts, script).map((one, i, all) =>
    i === all.length - 1 ? { ...one, args: [...one.args, ...args] } : one,
  )
  const text = commandsOf({ scripts }, script)
  if (DOCKER.test(text) || programs.some((one) => isRunner(one) || one.beside) || !isTold(programs))
    return false
  if (isMigration(script)) return true
  // What scripts do by clients, and by files of a shell, is known from their lines.
  if (CALLS_CLIENT.test(text)) return false
  const byShell = programs.some((one) => SHELL_FILE.test(textOf(one)))
  return programs.some((one) => preparesDatabase(textOf(one))) || (OF_DATABASE.test(script) && !byShell)
}
