/** Programs that start the commands which they are given as texts. */
import { baseName } from "./paths.js"
import type { ShellCommand } from "./shell-words.js"

type Scripts = Readonly<Record<string, string>>

const SHELLS = ["sh", "bash", "dash"]
/** They start a server, wait until it answers, run tests, and stop it. */
const WITH_SERVER = ["start-server-and-test", "server-test", "start-test"]
const SIDE_BY_SIDE = ["concurrently", "conc"]
/** Programs that run several scripts of a package, whose patterns are `test:*`. */
export const RUN_SEVERAL = ["npm-run-all", "npm-run-all2", "run-s", "run-p"]

/** Options of concurrently with a value as the next word. */
const VALUES =
  /^(?:-[nscplmti]|--(?:names|name-separator|success|prefix|prefix-colors|prefix-length|max-processes|timestamp-format|kill-signal|kill-timeout|default-input-target|restart-tries|restart-after|hide|teardown|group|cwd))$/

/** Returns the shell commands that a program is given to start; null for another program. */
export function startedTexts(
  scripts: Scripts,
  [first = "", ...args]: ShellCommand,
): readonly string[] | null {
  const name = baseName(first)
  const [option = "", text = ""] = args
  if (SHELLS.includes(name)) return /^-\w*c$/.test(option) ? [text] : null
  if (WITH_SERVER.includes(name)) return scriptOr(scripts, args.at(-1) ?? "")
  if (!SIDE_BY_SIDE.includes(name)) return null
  const end = args.indexOf("--")
  const own = end === -1 ? args : args.slice(0, end)
  const commands = own.filter((arg, i) => !arg.startsWith("-") && !VALUES.test(own[i - 1] ?? ""))
  return commands.flatMap((command) => {
    const script = /^(?:npm|pnpm|yarn|bun|node):(\S+)/.exec(command)?.[1]
    return script === undefined ? [command] : matching(scripts, script).map(run)
  })
}

const scriptOr = (scripts: Scripts, text: string): readonly string[] => [text in scripts ? run(text) : text]

const run = (script: string): string => `npm run ${script}`

/** Returns the names of scripts that a pattern such as `test:*` means. */
export function matching(scripts: Scripts, pattern: string): readonly string[] {
  const prefix = /^([\w:-]+:)\*{1,2}$/.exec(pattern)?.[1]
  return Object.keys(scripts).filter((name) => (prefix ? name.startsWith(prefix) : name === pattern))
}

/** Tells whether a program stops all commands that it started as soon as one of them ends. */
export function isRace([first = "", ...args]: ShellCommand): boolean {
  const name = baseName(first)
  if (SIDE_BY_SIDE.includes(name))
    return args.some((arg) => /^(?:-[a-z]*k[a-z]*|--kill-others(?:-on-success)?)$/.test(arg))
  return RUN_SEVERAL.includes(name) && args.some((arg) => /^(?:-[a-z]*r[a-z]*|--race)$/.test(arg))
}
