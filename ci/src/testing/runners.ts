import type { Program } from "../project/scripts.js"

/** A test runner that the hook makes write reports. */
export interface Runner {
  readonly name: string
  readonly starts: (program: Program) => boolean
  /** Whether it lists its test files. */
  readonly lists: boolean
  /** Whether it runs one of several shards. */
  readonly shards: boolean
  /** False for one whose line coverage is not collected. */
  readonly covers?: false
}

const named =
  (...names: readonly string[]) =>
  ({ name }: Program) =>
    names.includes(name)

/** Programs of Create React App and other tool chains whose `test` starts jest. */
const STARTERS = ["react-scripts", "react-app-rewired", "craco", "kcd-scripts"]

const RUNNERS: readonly Runner[] = [
  { name: "vitest", starts: named("vitest"), lists: true, shards: true },
  {
    name: "jest",
    starts: ({ name, args }) => name === "jest" || (STARTERS.includes(name) && args[0] === "test"),
    lists: true,
    shards: true,
  },
  {
    name: "node:test",
    starts: ({ name, args }) => ["node", "tsx"].includes(name) && args.includes("--test"),
    lists: false,
    shards: true,
  },
  {
    name: "bun",
    starts: ({ name, args }) => name === "bun" && args.find((arg) => !arg.startsWith("-")) === "test",
    lists: false,
    shards: false,
  },
  { name: "mocha", starts: named("mocha", "_mocha"), lists: false, shards: false },
  { name: "borp", starts: named("borp"), lists: false, shards: false },
  { name: "ava", starts: named("ava"), lists: false, shards: false },
  { name: "tap", starts: named("tap"), lists: false, shards: false, covers: false },
  { name: "tape", starts: named("tape"), lists: false, shards: false },
  {
    name: "Playwright",
    starts: ({ name, args }) => name === "playwright" && args[0] === "test",
    lists: false,
    shards: true,
    covers: false,
  },
]

/** Returns the runners among the programs of a script. */
export const runnersOf = (programs: readonly Program[]): readonly Runner[] =>
  programs.flatMap((program) => RUNNERS.find(({ starts }) => starts(program)) ?? [])

/** Options by which runners stop at a failed test. */
const STOPS = /^(?:--bail|-b$|--fail-?fast|-x$|--exitfirst|--maxfail|--max-failures)/

/**
 * Tells whether a script ends with its only test runner, which runs all tests whatever fails: then failed tests are all
 * that can be wrong.
 */
export const endsWithTests = (programs: readonly Program[]): boolean => {
  const last = programs.at(-1)
  return (
    last !== undefined &&
    runnersOf(programs).length === 1 &&
    runnersOf([last]).length === 1 &&
    !last.args.some((argument) => STOPS.test(argument))
  )
}

/** Returns why runners give no line coverage; null where one does. */
export function whyNoCoverage(runners: readonly Runner[]): string | null {
  if (runners.length === 0) return "unknown test runner"
  return runners.some(({ covers }) => covers !== false)
    ? null
    : `the coverage of ${runners[0]?.name} is not collected`
}

/** Tools that only run where a browser of their own is installed. */
const NOT_RUN: readonly { readonly name: string; readonly starts: (program: Program) => boolean }[] = [
  { name: "Cypress", starts: named("cypress") },
]

/** Returns the tool of a script that Slipway does not run; null for a script with another purpose. */
export const notRun = (programs: readonly Program[]): string | null =>
  NOT_RUN.find(({ starts }) => programs.some(starts))?.name ?? null

/** Programs that check or build code and run no test. */
const NO_RUNNERS = named(
  ...["eslint", "oxlint", "tslint", "biome", "prettier", "dprint", "standard", "xo", "stylelint", "knip"],
  ...["tsc", "vue-tsc", "svelte-check", "publint", "attw", "markdownlint", "markdownlint-cli2"],
  ...["vite", "webpack", "rollup", "esbuild", "tsup", "swc", "rimraf"],
  ...["cd", "cp", "mkdir", "rm", "echo", "true"],
)

/** Names the programs of a script that certainly runs no test, as `eslint . && tsc`; null for another. */
export const withoutTests = (programs: readonly Program[]): string | null =>
  programs.length > 0 && programs.every(NO_RUNNERS)
    ? [...new Set(programs.map(({ name }) => name))].join(", ")
    : null

/** Tells whether the hook, or its `node`, keeps a program from watching. */
export const isKeptFromWatching = (program: Program): boolean =>
  named("node", "tsx", "ng", "karma")(program) || runnersOf([program]).length > 0

/** Reads a list of test files: JSON with the files of vitest, or a path a line. */
export function readFiles(text: string, root: string): readonly string[] {
  const inside = (file: string) => (file.startsWith(`${root}/`) ? [file.slice(root.length + 1)] : [])
  try {
    const listed: readonly { readonly file: string }[] = JSON.parse(text)
    return [...new Set(listed.flatMap(({ file }) => inside(file)))].sort()
  } catch {
    return [...new Set(text.split("\n").flatMap((line) => inside(line.trim())))].sort()
  }
}
