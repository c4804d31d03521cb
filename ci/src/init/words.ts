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

/** Programs of Python that run the command behind `run`, and those that run a program by its name. */
const PYTHON_MANAGERS = ["uv", "poetry", "pdm", "pipenv", "hatch", "rye"]
const PYTHON_RUNNERS = ["uvx", "pipx"]

/** The words behind those that make a runner of Python run a program. */
function wordsToRun(name: string, first: string, rest: ShellCommand): ShellCommand {
  if (name === "uvx") return [first, ...rest]
  return first === "run" ? rest : rest.slice(1)
}

/** Returns the command that a program of Python runs: `uv run ruff check`, `python -m black .`; null where it runs none. */
export function ofPython(name: string, [first = "", ...rest]: ShellCommand): ShellCommand | null {
  if (/^python[\d.]*$/.test(name)) return first === "-m" ? rest : null
  if (PYTHON_MANAGERS.includes(name) && first === "run") return withoutOptions(rest)
  if (!PYTHON_RUNNERS.includes(name) && !(name === "uv" && first === "tool" && rest[0] === "run")) return null
  const [program = "", ...args] = withoutOptions(wordsToRun(name, first, rest))
  return program === "" || (name === "pipx" && first !== "run")
    ? null
    : [program.replace(/[@=].*$/, ""), ...args]
}
