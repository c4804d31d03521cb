/** Scripts that watch files, and never end by themselves. */
import type { Program } from "./scripts.js"

const named =
  (...names: readonly string[]) =>
  ({ name }: Program) =>
    names.includes(name)

/** Programs that do nothing but watch. */
const WATCHES_ONLY = named(
  ...["nodemon", "onchange", "chokidar", "watchexec", "watch", "watchman-make", "entr"],
  ...["node-dev", "ts-node-dev", "tsnd", "tsc-watch", "npm-watch"],
)

/** Programs with a command that watches. */
const WATCH_COMMANDS = named(
  ...["vitest", "tsx", "turbo", "nx", "lerna", "moon", "webpack", "gulp", "grunt"],
  ...["parcel", "microbundle"],
)

/** Programs whose `-w` is `--watch`: to jest, it is a number of workers. */
const SHORT = named(
  ...["tsc", "vue-tsc", "webpack", "rollup", "swc", "babel", "vite", "tsdown", "postcss", "tailwindcss"],
  ...["vitest", "mocha", "_mocha", "ava", "tap", "borp"],
)

const asksToWatch = (args: readonly string[]): boolean =>
  args.some((arg, i) => /^--watch(?:All)?(?:=(?!false).*)?$/.test(arg) && args[i + 1] !== "false")

const says = ({ args: [first = ""] }: Program, ...words: readonly string[]) => words.includes(first)

/** What makes a program watch files. */
const WATCHERS: readonly ((program: Program) => boolean)[] = [
  WATCHES_ONLY,
  (program) => WATCH_COMMANDS(program) && says(program, "watch"),
  (program) => program.name === "vitest" && says(program, "dev"),
  (program) => SHORT(program) && program.args.some((arg) => /^-[a-z]?w$/.test(arg)),
  ({ name, args }) =>
    name === "ng" && args[0] === "test" && !/--(?:no-watch|watch[= ]false)/.test(args.join(" ")),
  ({ name, args }) => name === "bun" && args.includes("--hot"),
  ({ args }) => asksToWatch(args),
]

const watches = (program: Program): boolean => WATCHERS.some((fits) => fits(program))

/** The programs whose end a script waits for: of those in a race, all where none of them ends by itself. */
function awaited(programs: readonly Program[], runsOn: (program: Program) => boolean): readonly Program[] {
  const racing = programs.filter(({ beside }) => beside === "race")
  return [...programs.filter(({ beside }) => beside === undefined), ...(racing.every(runsOn) ? racing : [])]
}

/** Tells whether a script watches files. */
export const watching = (programs: readonly Program[]): boolean => awaited(programs, watches).some(watches)

/**
 * Returns the program by which a script watches files and never ends; null if the script ends by itself.
 *
 * @param isKept tells whether something keeps a program from watching, as the hook does with test runners.
 */
export function endless(
  programs: readonly Program[],
  isKept: (program: Program) => boolean = () => false,
): string | null {
  const runsForEver = (program: Program) => watches(program) && !isKept(program)
  return awaited(programs, runsForEver).find(runsForEver)?.name ?? null
}

/** Says that a script is not run because it never ends. */
export const endlessText = (script: string, watcher: string): string =>
  `the script ${script} watches files (${watcher}) and never ends. Add a script ${script}:ci that runs once`
