/** Programs that run the command behind them, and variables that are set for it. */
import { anyOf } from "../formats/pattern.js"
import { baseName } from "./paths.js"
import { ASSIGNMENT, type ShellCommand } from "./shell-words.js"

/** A program that only runs the command which stands behind it. */
interface Prefix {
  /** The words by which it runs one, `run` of `uv run`; without them, it always does. */
  readonly verbs?: readonly string[]
  /** Options with a value as the next word. */
  readonly values?: readonly string[]
  /** How many arguments it takes before the command: one in `timeout 60`. */
  readonly own?: number
  /** Matches words, its own or the next, by which it runs nothing here: `command -v`, `npm exec -w api`. */
  readonly not?: RegExp
  /** Matches the programs that it runs, where it runs no others. */
  readonly only?: RegExp
  /** True if the program may carry a version: `npx vitest@3`, `uvx ruff==0.9`. */
  readonly versions?: true
}

/** Options by which package managers of Node.js work in other packages. */
const ELSEWHERE = /^(?:-w|-ws|-r|-F|-C|--workspaces?|--filter|--recursive|--prefix|--cwd|--dir)(?:=|$)/

/** Words by which package managers run something in other packages. */
const IN_OTHERS = anyOf([ELSEWHERE, /^(?:workspaces?|recursive)(?:=|$)/])

/** Tells whether arguments of a package manager name other packages than the one that it is started in. */
export const namesOthers = (args: readonly string[]): boolean => args.some((word) => IN_OTHERS.test(word))

const NPX: Prefix = { values: ["-p", "--package"], not: ELSEWHERE, versions: true }
const PLAIN: Prefix = {}

/** Words by which tools of coverage only work on what was collected. */
const COLLECTED = /^(?:report|check-coverage|merge|instrument)$/
const DOTENV: Prefix = { values: ["-e", "-v", "-c"] }
const CONDA: Prefix = { verbs: ["run"], values: ["-n", "--name", "-p", "--prefix", "--cwd"] }

/** Managers of Python that run a command in the project's environment: `uv run pytest`. */
const PYTHON_MANAGERS: readonly string[] = ["uv", "poetry", "pdm", "pipenv", "hatch", "rye", "pixi"]

const PYTHON_MANAGER: Prefix = {
  verbs: ["run", "tool run"],
  values: [
    ...["--group", "--no-group", "--only-group", "--extra", "--no-extra", "--with", "--with-editable"],
    ...["--with-requirements", "--package", "--python", "-p", "--directory", "--project", "--from", "-C"],
    ...["--env-file", "--index", "--default-index", "-e", "--env", "--environment"],
  ],
  versions: true,
}

/** What programs make of their words, from their manuals. */
const PREFIXES: Readonly<Record<string, Prefix>> = {
  // The machine's own.
  sudo: {
    values: ["-u", "-g", "-h", "-p", "-C", "-D", "-R", "-T", "-U", "--user", "--group", "--chdir", "--host"],
  },
  doas: { values: ["-u", "-C"] },
  env: { values: ["-u", "--unset", "-C", "--chdir"] },
  exec: { values: ["-a"] },
  command: { not: /^-p?[vV]$/ },
  builtin: PLAIN,
  time: { values: ["-f", "--format", "-o", "--output"] },
  nice: { values: ["-n", "--adjustment"] },
  ionice: { values: ["-c", "--class", "-n", "--classdata"] },
  nohup: PLAIN,
  setsid: PLAIN,
  stdbuf: { values: ["-i", "-o", "-e", "--input", "--output", "--error"] },
  timeout: { values: ["-k", "--kill-after", "-s", "--signal"], own: 1 },
  taskset: { own: 1 },
  unbuffer: PLAIN,
  retry: { values: ["-t", "-d", "-m", "--times", "--delay", "--max"] },
  tini: PLAIN,
  "dumb-init": PLAIN,
  "dbus-run-session": { values: ["--config-file", "--dbus-daemon"] },
  "xvfb-run": {
    values: ["-n", "--server-num", "-s", "--server-args", "-e", "--error-file", "-f", "--auth-file", "-p"],
  },
  // Of Node.js.
  "cross-env": PLAIN,
  "cross-env-shell": PLAIN,
  dotenv: DOTENV,
  "dotenv-cli": DOTENV,
  dotenvx: { verbs: ["run"], values: ["-f", "--env-file", "-e", "--env", "-fk", "--env-keys-file"] },
  "env-cmd": { values: ["-f", "--file", "-e", "--environments"] },
  c8: {
    not: COLLECTED,
    values: [
      ...["-r", "--reporter", "-x", "--exclude", "-n", "--include", "-o", "--reports-dir"],
      ...["-c", "--config"],
    ],
  },
  nyc: {
    not: COLLECTED,
    values: ["-r", "--reporter", "-x", "--exclude", "-n", "--include", "--report-dir", "--temp-dir"],
  },
  npx: NPX,
  pnpx: NPX,
  bunx: NPX,
  corepack: { only: /^(?:npm|npx|pnpm|pnpx|yarn)(?:@|$)/, versions: true },
  npm: { ...NPX, verbs: ["exec", "x"] },
  pnpm: { ...NPX, verbs: ["exec", "dlx"] },
  yarn: { ...NPX, verbs: ["exec", "dlx"] },
  bun: { ...NPX, verbs: ["x"] },
  // Of Python.
  ...Object.fromEntries(PYTHON_MANAGERS.map((name) => [name, PYTHON_MANAGER])),
  uvx: { values: PYTHON_MANAGER.values ?? [], versions: true },
  pipx: { verbs: ["run"], values: ["--spec", "--python", "--pip-args", "--index-url"], versions: true },
  conda: CONDA,
  mamba: CONDA,
  micromamba: CONDA,
  coverage: {
    verbs: ["run"],
    values: ["--source", "--omit", "--include", "--rcfile", "--data-file", "--context", "--concurrency"],
  },
  python: { verbs: ["-m"], values: ["-W", "-X"] },
}

/** A command without what stands before it. */
export interface Behind {
  readonly command: ShellCommand
  /** The words before it that set variables, in their order: `A=b` of `sudo A=b cross-env C=d jest`. */
  readonly assigned: readonly string[]
}

/**
 * Returns the command behind variables and programs that only run another: `jest` of `sudo -E A=b npx jest`. Empty where
 * nothing stands behind them.
 *
 * @param isScript tells which words are scripts of the package; with it, `yarn vitest` and `bun run vitest` start a
 *   program where no script has the name. Without it, they are left as they are.
 */
export function behindPrefixes(words: ShellCommand, isScript?: (name: string) => boolean): Behind {
  const start = words.findIndex((word) => !ASSIGNMENT.test(word))
  if (start === -1) return { command: [], assigned: words }
  const [assigned, command] = [words.slice(0, start), words.slice(start)]
  const next = behindOne(command) ?? (isScript === undefined ? null : behindManager(command, isScript))
  if (next === null) return { command, assigned }
  const behind = behindPrefixes(next, isScript)
  return { command: behind.command, assigned: [...assigned, ...behind.assigned] }
}

/** Returns the values of words that set variables, by name. */
export const variablesOf = (assigned: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    assigned.flatMap((word) => {
      const [, name, value = ""] = ASSIGNMENT.exec(word) ?? []
      return name === undefined ? [] : [[name, value]]
    }),
  )

/** Returns the command of {@link behindPrefixes} alone. */
export const commandBehind = (words: ShellCommand): ShellCommand => behindPrefixes(words).command

const nameOf = (word: string): string => baseName(word).replace(/^python[\d.]+$/, "python")

function behindOne([first = "", ...rest]: ShellCommand): ShellCommand | null {
  const name = nameOf(first)
  const prefix = Object.hasOwn(PREFIXES, name) ? PREFIXES[name] : undefined
  const behind = prefix === undefined ? null : afterVerb(rest, prefix)
  if (prefix === undefined || behind === null) return null
  const command = afterOptions(behind, prefix.values).slice(prefix.own ?? 0)
  const [program = "", ...args] = command
  const own = rest.slice(0, rest.length - args.length)
  if (prefix.not && own.some((word) => prefix.not?.test(word))) return null
  if (prefix.only?.test(program) === false) return null
  if (program === "") return []
  // npm takes the `--` away that divides its words from those of the program.
  const given = prefix.not === ELSEWHERE ? args.filter((word) => word !== "--") : args
  return [prefix.versions ? program.replace(VERSION, "") : program, ...given]
}

/** What stands behind a program's name in `npx vitest@3` and `uvx ruff==0.9`. */
const VERSION = /(?<=.)(?:@[^/]*|==.*)$/

/** The words behind a verb, which options may precede; null without one of the verbs. */
function afterVerb(words: ShellCommand, { verbs, values }: Prefix): ShellCommand | null {
  if (verbs === undefined) return words
  const verb = verbs.find((one) => words.slice(0, one.split(" ").length).join(" ") === one)
  if (verb !== undefined) return words.slice(verb.split(" ").length)
  const [first = ""] = words
  if (!first.startsWith("-")) return null
  return afterVerb(words.slice(values?.includes(first) ? 2 : 1), { verbs, values: values ?? [] })
}

function afterOptions(words: ShellCommand, values: readonly string[] = []): ShellCommand {
  const [first = "", second] = words
  if (first === "--") return words.slice(1)
  if (!first.startsWith("-")) return words
  return afterOptions(words.slice(values.includes(first) && second !== "--" ? 2 : 1), values)
}

/** Managers that run a program by its name alone, unless one of their commands or a script has that name. */
const RUN_PROGRAMS = ["pnpm", "yarn", "bun"]
/** Those that do so behind `run` as well. */
const RUN_BY_RUN = ["yarn", "bun"]
const COMMANDS =
  "run exec dlx x test t start install i add build workspace workspaces recursive pack publish node set".split(
    " ",
  )
const isProgram = (word: string): boolean => !word.startsWith("-") && !COMMANDS.includes(word)

function behindManager(
  [first = "", ...args]: ShellCommand,
  isScript: (name: string) => boolean,
): ShellCommand | null {
  const manager = baseName(first)
  if (!RUN_PROGRAMS.includes(manager) || args.some((word) => ELSEWHERE.test(word))) return null
  const runs = args[0] === "run" && RUN_BY_RUN.includes(manager)
  const words = runs ? afterOptions(args.slice(1)) : args
  const [name = "-"] = words
  // `bun run server.ts` runs a file.
  const isFile = runs && /[./]/.test(name)
  return !isProgram(name) || isFile || isScript(name) ? null : words
}
