import { commandBehind } from "../command-prefixes.js"
import { type ShellCommand, stepCommands } from "../shell-words.js"
import type { Step } from "./found.js"

const APT = ["apt-get", "apt", "apt-fast", "aptitude"]

/** Options of apt-get that have their value as the next word (apt-get(8)). */
const VALUED = ["-o", "--option", "-t", "--target-release", "-c", "--config-file", "-a"]

/** The name of a package of Debian, https://www.debian.org/doc/debian-policy/ch-controlfields.html#source */
const NAME = /^[a-z0-9][a-z0-9+.-]+$/

/**
 * Returns the packages that command lines install by apt-get, in their order, without versions and architectures. Files,
 * patterns and names that the shell there replaces are left out.
 */
export const aptPackages = (steps: readonly Step[]): readonly string[] => [
  ...new Set(
    steps
      .filter(({ run, leftOut }) => !leftOut && /\bapt|\baptitude/.test(run))
      .flatMap(({ run }) => stepCommands(run).flatMap(installedBy)),
  ),
]

function installedBy(command: ShellCommand): readonly string[] {
  const [program = "", ...args] = commandBehind(command)
  const words = args.filter((word, i) => !word.startsWith("-") && !VALUED.includes(args[i - 1] ?? ""))
  const [action, ...names] = words
  if (!APT.includes(program) || action !== "install") return []
  return names.map((name) => name.replace(/[=/:].*$/, "")).filter((name) => NAME.test(name))
}
