import * as fs from "node:fs"
import * as os from "node:os"
import { readYaml } from "../ci/src/config/yaml-position.js"
import { plural } from "../ci/src/formats/figures.js"
import { recordOf, textsOf } from "../ci/src/formats/json.js"
import { NO_CONTEXT, type RunContext } from "../ci/src/run/context.js"
import { contextOf } from "../ci/src/vendors/vendors.js"
import { git } from "../engine/host/git.js"
import { configText } from "./folder.js"
import { sourcesOf } from "./sources/sources.js"

const textOf = (file: string): string | undefined => {
  try {
    return fs.readFileSync(file, "utf8")
  } catch {
    return undefined
  }
}

/** Names under which clones have the default branch of where they are from. */
const DEFAULT_BRANCHES = ["origin/HEAD", "origin/main", "origin/master"]

/** Returns the default branch of `origin`, which a change on this machine is compared with; null without a remote. */
const defaultBranch = (folder: string): string | null =>
  DEFAULT_BRANCHES.find((name) => git(folder, "rev-parse", "--verify", "--quiet", name) !== null) ?? null

/** Reads the run context from the CI vendor's variables, else from git and the operating system. */
export function runContext(folder: string, env = process.env): RunContext {
  const commit = git(folder, "rev-parse", "--verify", "HEAD")
  const branch = git(folder, "symbolic-ref", "--short", "HEAD")
  return (
    contextOf(env, { commit, branch, read: textOf }) ?? {
      ...NO_CONTEXT,
      commit,
      branch,
      base: defaultBranch(folder),
      actor: git(folder, "config", "user.email") ?? os.userInfo().username,
    }
  )
}

/** Returns what a person should know of how the run context and the files were read. */
function notesOf({ vendor, also = [] }: RunContext, unnamed: number): readonly string[] {
  return [
    ...(also.length === 0
      ? []
      : [`run context: ${vendor}. Variables of ${also.join(", ")} are set too: its machine runs the agent`]),
    ...(unnamed === 0
      ? []
      : [`${plural(unnamed, "file")} not checked: the names are not UTF-8. Rename them with \`git mv\``]),
  ]
}

/**
 * Returns the options of a call of the module on an app: its files, git history and run context, and the caller's own.
 * A run context among those overrides single values of the one that is found.
 *
 * @param own the caller's options. With a `--source` among them, nothing is added.
 * @param whole true for a folder that holds nothing but what was committed.
 * @param note gets what a person should know of how they were read, a line each.
 */
export function requestOptions(
  folder: string,
  own: readonly string[] = [],
  whole = false,
  note: (line: string) => void = () => {},
): readonly string[] {
  if (own.some((word) => /^--source(=|$)/.test(word))) return own
  const { source, history, unnamed } = sourcesOf(folder, whole)
  const { context, rest } = takeContext(own)
  const found = runContext(folder)
  for (const line of notesOf(found, unnamed)) note(line)
  const run = JSON.stringify({ ...found, ...context })
  return ["--source", source, "--history", history, "--run", run, ...secretOptions(folder), ...rest]
}

/** Returns the options that pass the secrets which an app's slipway.yaml names and the environment holds. */
export function secretOptions(folder: string, env = process.env): readonly string[] {
  return textsOf(recordOf(readYaml(configText(folder)).value).secrets)
    .filter((name) => env[name])
    .map((name) => `--secret=env://${name}`)
}

/** Adds values to the run context among a caller's options. Those that the caller names count. */
export function withContext(own: readonly string[], values: Partial<RunContext>): readonly string[] {
  const { context, rest } = takeContext(own)
  return ["--run", JSON.stringify({ ...values, ...context }), ...rest]
}

/** Takes a valid `--run` out of a caller's options. An invalid one stays, for the module to refuse. */
function takeContext(own: readonly string[]): {
  readonly context: object
  readonly rest: readonly string[]
} {
  const at = own.findLastIndex((word) => /^--run(=|$)/.test(word))
  const word = own[at] ?? ""
  const size = word === "--run" ? 2 : 1
  const context = objectOf(size === 2 ? own[at + 1] : word.slice("--run=".length))
  if (at === -1 || context === null) return { context: {}, rest: own }
  return { context, rest: [...own.slice(0, at), ...own.slice(at + size)] }
}

function objectOf(text = ""): object | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === "object" && !Array.isArray(value) ? value : null
  } catch {
    return null
  }
}
