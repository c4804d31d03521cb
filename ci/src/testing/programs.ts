import type { Container } from "@dagger.io/dagger"
import { quote } from "../run/command.js"
import type { Given, StageResult } from "../run/stage.js"

/** How runtimes and shells say that a program is not on the PATH. Libraries of the system are named by their file. */
const SIGNS: readonly RegExp[] = [
  /\bspawn(?:Sync)? ([\w.+-]+) ENOENT\b/,
  /FileNotFoundError: \[Errno 2\] No such file or directory: '([\w+-]+)'/,
  /(?:^|\n)(?:\S*\/)?(?:ba|da)?sh: (?:line )?(?:\d+: )?([\w.+-]+): (?:command )?not found/,
  /\b([\w+-]+) executable not found\b/,
  /\b(lib[\w.+-]+\.so(?:\.\d+)*): cannot open shared object file/,
]

/** Returns the program or library that a text says is not on this machine; null if it names none. */
export function missingIn(text: string): string | null {
  for (const sign of SIGNS) {
    const name = sign.exec(text)?.[1]
    if (name !== undefined) return name
  }
  return null
}

/**
 * Returns what a red suite lacks, by its own words: no test ran, or each failed test says that a program or library is
 * not there. Null for other failures.
 */
export function missingOf({ log, tests }: Pick<StageResult, "log" | "tests">): string | null {
  const failed = tests.filter(({ verdict }) => verdict === "failed")
  if (failed.length === 0) return tests.length === 0 ? missingIn(log.text) : null
  const [first = null, ...others] = failed.map(({ message }) => missingIn(message ?? ""))
  return others.every((one) => one !== null) ? first : null
}

/**
 * Returns the result of a red suite whose failure says nothing about the code: a program that it starts is not on this
 * machine. Its failed tests are left out, for they did not test anything.
 *
 * @param container where the suite ran: a program that is there is not what is missing.
 */
export async function withoutProgram(
  given: Pick<Given, "command">,
  result: StageResult,
  container: Container,
): Promise<StageResult> {
  const name = result.verdict === "failed" ? missingOf(result) : null
  if (name === null) return result
  const listed = quote(`${name} `)
  const look = `command -v ${quote(name)} || ldconfig -p | grep -F ${listed}`
  const { failed } = await given.command({
    container,
    steps: [{ name: "look", run: look, timeout: 60 }],
  })
  if (failed === null) return result
  return {
    ...result,
    verdict: "errored",
    cause: "errored",
    summary: `${name} is not on this machine, and the tests need it. Install its package in the CI job that runs them (\`apt-get install\`): it is then installed here as well`,
    tests: [],
  }
}
