import type { Container } from "@dagger.io/dagger"
import type { SystemPackage } from "../project/system-packages.js"
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
 * Programs of the machines of CI vendors that images of languages do not have, with Debian's packages of them.
 *
 * @see https://github.com/actions/runner-images/blob/main/images/ubuntu/Ubuntu2404-Readme.md
 */
const PACKAGES: Readonly<Record<string, string>> = {
  "7z": "p7zip-full",
  "redis-cli": "redis-tools",
  "ssh-keygen": "openssh-client",
  "xvfb-run": "xvfb",
  bc: "bc",
  brotli: "brotli",
  file: "file",
  git: "git",
  jq: "jq",
  less: "less",
  lsof: "lsof",
  lz4: "lz4",
  mysql: "default-mysql-client",
  mysqldump: "default-mysql-client",
  nc: "netcat-openbsd",
  netstat: "net-tools",
  pg_dump: "postgresql-client",
  pg_restore: "postgresql-client",
  ps: "procps",
  psql: "postgresql-client",
  rsync: "rsync",
  sqlite3: "sqlite3",
  ssh: "openssh-client",
  tree: "tree",
  unzip: "unzip",
  xz: "xz-utils",
  zip: "zip",
  zstd: "zstd",
}

/** What a red suite lacks on this machine. */
interface Lack {
  readonly name: string
  /** Debian's package of it; null for what the machines of CI vendors lack as well. */
  readonly package: string | null
  /** False where its failed tests name it, and say no more of it. */
  readonly said: boolean
}

/** The failed tests of a suite may be wrong for the lack of a program that each of them names in quotes: `pager = 'less'`. */
function namedIn({ tests }: Pick<StageResult, "tests">): string | null {
  const texts = tests.flatMap(({ verdict, message }) => (verdict === "failed" ? [message ?? ""] : []))
  const isNamed = (name: string) => texts.every((text) => new RegExp(`(['"]) *${name} *\\1`).test(text))
  return texts.length === 0 ? null : (Object.keys(PACKAGES).find(isNamed) ?? null)
}

/** Returns what a red suite lacks; null where something else is wrong. */
export function lackOf(result: Pick<StageResult, "log" | "tests">): Lack | null {
  const said = missingOf(result)
  const name = said ?? namedIn(result)
  return name === null ? null : { name, package: PACKAGES[name] ?? null, said: said !== null }
}

/** A suite that ran, and the container that it left. */
export interface SuiteRun {
  readonly result: StageResult
  readonly container: Container
}

/**
 * Runs a suite. One that lacks a program which the machines of CI vendors have runs once more, with its package. One that
 * says that it lacks something else is `errored`, for its failure says nothing about the code: its failed tests are left
 * out, for they did not test anything.
 *
 * @param run gets what the suite is to have, and a name that distinguishes the second run from the first.
 */
export async function withPrograms(
  given: Given,
  run: (packages: readonly SystemPackage[], instance: string) => Promise<SuiteRun>,
): Promise<StageResult> {
  const { result, container } = await run([], "")
  const lack = result.verdict === "failed" ? lackOf(result) : null
  if (lack === null || (await isThere(given, container, lack.name))) return result
  if (lack.package === null) return without(result, lack)
  const again = await run(
    [{ name: lack.package, names: [lack.package], source: lack.name }],
    `with ${lack.name}`,
  )
  if (!(await isThere(given, again.container, lack.name))) return lack.said ? without(result, lack) : result
  const { summary, verdict } = again.result
  return verdict === "passed"
    ? { ...again.result, summary: `${summary}; with ${lack.name}, by apt-get` }
    : again.result
}

/** Tells whether a program or library is in a container: what is there is not what a suite lacks. */
async function isThere(given: Pick<Given, "command">, container: Container, name: string): Promise<boolean> {
  const library = quote(`${name} `)
  const look = `command -v ${quote(name)} || ldconfig -p | grep -F ${library}`
  const { failed } = await given.command({
    container,
    steps: [{ name: "look", run: look, timeout: 60 }],
  })
  return failed === null
}

const without = (result: StageResult, { name }: Lack): StageResult => ({
  ...result,
  verdict: "errored",
  cause: "errored",
  summary: `${name} is not on this machine, and the tests need it. Install its package in the CI job that runs them (\`apt-get install\`): it is then installed here as well`,
  tests: [],
})
