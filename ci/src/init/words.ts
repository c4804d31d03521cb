import { PYTHON_MANAGERS } from "../project/declared/called.js"
import type { ShellCommand } from "../project/shell-words.js"

/** Options of package managers that have a value. */
const VALUED = [
  ...["-w", "--workspace", "--filter", "-F", "--prefix", "--cwd", "-C", "--dir"],
  ...["--group", "--extra", "--with", "--package", "--python", "-p", "--directory", "--project", "--from"],
]

/** Returns the words after the options that a command begins with. */
export function withoutOptions(words: readonly string[]): readonly string[] {
  const [first = "", ...others] = words
  if (VALUED.includes(first)) return withoutOptions(others.slice(1))
  return first.startsWith("-") ? withoutOptions(others) : words.filter(Boolean)
}

/** Programs that run a program of a Python package by its name. */
const PYTHON_RUNNERS = ["uvx", "pipx"]

/** The words after those by which a runner of Python starts a program: after `pipx run`, `uv tool run`. */
function wordsToRun(name: string, first: string, rest: ShellCommand): ShellCommand {
  if (name === "uvx") return [first, ...rest]
  return first === "run" ? rest : rest.slice(1)
}

/** Returns the command that a Python program runs: `ruff check` of `uv run ruff check`; null if it runs none. */
export function ofPython(name: string, [first = "", ...rest]: ShellCommand): ShellCommand | null {
  if (/^python[\d.]*$/.test(name)) return first === "-m" ? rest : null
  if (PYTHON_MANAGERS.includes(name) && first === "run") return withoutOptions(rest)
  if (!PYTHON_RUNNERS.includes(name) && !(name === "uv" && first === "tool" && rest[0] === "run")) return null
  const [program = "", ...args] = withoutOptions(wordsToRun(name, first, rest))
  return program === "" || (name === "pipx" && first !== "run")
    ? null
    : [program.replace(/[@=].*$/, ""), ...args]
}
