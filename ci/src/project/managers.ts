import { quote } from "../run/command.js"
import type { PackageManager, Tool } from "./project.js"

/** How the package managers are called, by tool. */

/** What Slipway needs to know of a tool. */
interface Manual {
  /** Installs exactly what the lock file says. */
  readonly locked: string
  /** Installs without a lock file, and writes none. */
  readonly unlocked: string
  /** Its download cache, shared by all runs. */
  readonly cache: string
  /** Files that it makes beside the packages, and that belong to one machine: patterns of the project. */
  readonly state: readonly string[]
  /** Runs a script of package.json. */
  readonly run: (script: string, args: string) => string
  /** Runs a script without those that npm's names put around it (`pre…`, `post…`); null where it cannot. */
  readonly alone: ((script: string) => string) | null
  /** Runs a program of the dependencies. */
  readonly exec: (words: string) => string
  /** Turns off what would take another version of the tool, or look for one. */
  readonly env: Readonly<Record<string, string>>
  /** Matches its error for an outdated lock file (grep -E). */
  readonly outOfStep: string
  /** How a person updates the lock file. */
  readonly mend: string
}

/** Package clients wait five minutes for a silent registry by default. */
const NPM = "--no-audit --no-fund --no-progress --fetch-timeout=60000 --fetch-retries=2"
const PNPM = "--fetch-timeout 60000 --store-dir /root/.pnpm-store"
const YARN_1 = "--non-interactive --no-progress --network-timeout 60000"

/**
 * Runs a program as npm's `npx` would, from the nearest folder that has it. npm itself refuses every command where `devEngines` of
 * package.json name another package manager.
 */
const withoutNpm = (words: string): string =>
  `PATH=$(d=$PWD; while :; do printf "%s/node_modules/.bin:" "$d"; [ -n "$d" ] || break; d=\${d%/*}; done)$PATH ${words}`

const after = (args: string, before = " "): string => (args === "" ? "" : `${before}${args}`)

const yarn = (version: "1" | "2"): Pick<Manual, "mend" | "env" | "outOfStep"> => ({
  // yarnPath is what runs already; where git ignores the file, it would not be found.
  env: { YARN_IGNORE_PATH: "1", ...(version === "1" ? {} : { YARN_ENABLE_TELEMETRY: "0" }) },
  outOfStep: "lockfile needs to be updated|YN0028|YN0050",
  mend: "run yarn install and commit yarn.lock",
})

const MANUALS: Readonly<Record<Tool, Manual>> = {
  npm: {
    locked: `npm ci ${NPM}`,
    unlocked: `npm install --no-package-lock ${NPM}`,
    cache: "/root/.npm",
    state: [],
    run: (script, args) => `npm run --silent ${script}${after(args, " -- ")}`,
    alone: (script) => `npm run --ignore-scripts ${script}`,
    exec: (words) => `npx --no-install ${words}`,
    env: {},
    outOfStep:
      "can only install packages when your package.json and|Missing: .* from lock file|Invalid: lock file",
    mend: "run npm install and commit package-lock.json",
  },
  pnpm: {
    locked: `pnpm install --frozen-lockfile ${PNPM}`,
    unlocked: `pnpm install --no-lockfile ${PNPM}`,
    cache: "/root/.pnpm-store",
    state: [],
    run: (script, args) => `pnpm --silent run ${script}${after(args)}`,
    alone: (script) => `pnpm --config.enable-pre-post-scripts=false run ${script}`,
    exec: (words) => `pnpm exec ${words}`,
    env: Object.fromEntries(
      ["npm_config", "pnpm_config"].flatMap((prefix) => [
        [`${prefix}_manage_package_manager_versions`, "false"],
        [`${prefix}_package_manager_strict`, "false"],
        // Both of them, from pnpm 11 on.
        [`${prefix}_pm_on_fail`, "ignore"],
        [`${prefix}_verify_deps_before_run`, "false"],
      ]),
    ),
    outOfStep:
      "ERR_PNPM_([A-Z_]*OUTDATED_LOCKFILE|NO_LOCKFILE|BROKEN_LOCKFILE|LOCKFILE_(CONFIG_MISMATCH|MISSING_DEPENDENCY))",
    mend: "run pnpm install and commit pnpm-lock.yaml",
  },
  "yarn-1": {
    ...yarn("1"),
    locked: `yarn install --frozen-lockfile ${YARN_1}`,
    unlocked: `yarn install --no-lockfile ${YARN_1}`,
    cache: "/root/.cache/yarn",
    state: [],
    run: (script, args) => `yarn --silent run ${script}${after(args)}`,
    alone: null,
    // Not `yarn run`, which prefers a script of the same name.
    exec: withoutNpm,
  },
  yarn: {
    ...yarn("2"),
    locked: "yarn install --immutable",
    unlocked: "yarn install --no-immutable",
    cache: "/root/.yarn/berry",
    state: [".pnp.*", ".yarn/install-state.gz", ".yarn/build-state.yml", ".yarn/unplugged/**"],
    run: (script, args) => `yarn run ${script}${after(args)}`,
    alone: (script) => `yarn run ${script}`,
    exec: (words) => `yarn exec ${words}`,
  },
  bun: {
    locked: "bun install --frozen-lockfile",
    unlocked: "bun install --no-save",
    cache: "/root/.bun/install/cache",
    state: [],
    run: (script, args) => `bun run --silent ${script}${after(args)}`,
    alone: null,
    exec: withoutNpm,
    env: {},
    outOfStep: "lockfile had changes, but lockfile is frozen|failed to (parse|load) lockfile",
    mend: "run bun install and commit bun.lock",
  },
}

/** Returns what Slipway knows of a project's package manager. */
export const manualOf = ({ tool }: Pick<PackageManager, "tool">): Manual => MANUALS[tool]

/** Returns the shell command that runs a script of package.json, with more arguments as a shell's words. */
export const runScript = ({ tool }: PackageManager, script: string, args = ""): string =>
  MANUALS[tool].run(quote(script), args)

/**
 * Returns the shell command that runs one of several scripts, each once.
 *
 * @param all the scripts that are run: a tool that runs `postinstall` with `install` is not told to run it again.
 */
export function runAlone({ tool }: PackageManager, script: string, all: readonly string[]): string {
  const { alone, run } = MANUALS[tool]
  if (alone !== null) return alone(quote(script))
  return all.includes(script.replace(/^(?:pre|post)/, "")) && /^(?:pre|post)/.test(script)
    ? "true"
    : run(quote(script), "")
}

/** Returns the shell command that runs a program of the dependencies, and downloads none. */
export const runProgram = ({ tool }: PackageManager, words: string): string => MANUALS[tool].exec(words)

/** Returns the environment variables that the tool runs with, in every stage. */
export const environmentOf = ({ tool, plugAndPlay }: PackageManager): Readonly<Record<string, string>> => ({
  ...MANUALS[tool].env,
  // Plug'n'Play reads packages from the cache as they are used: they belong to what was installed.
  ...(plugAndPlay ? { YARN_ENABLE_GLOBAL_CACHE: "0" } : {}),
})

/** Returns the package manager as a person names it: `pnpm 8.15.9`. */
export const managerText = ({ name, version }: PackageManager): string =>
  version === null ? name : `${name} ${version}`

/** Where the project's package managers lie, besides npm. */
export const MANAGERS = "/slipway/managers"
/** The folder of their programs, which is the first of PATH. */
export const MANAGERS_BIN = `${MANAGERS}/node_modules/.bin`
