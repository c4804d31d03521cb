import { quote } from "../run/command.js"

/** One of several parts of a suite: 1-based. */
export interface Share {
  readonly index: number
  readonly count: number
}

/** Additions to a script's command line and environment. */
export interface Words {
  /** Added to the script's command line. */
  readonly args: string
  readonly env: Readonly<Record<string, string>>
}

/** How to have a test runner write the reports that Slipway reads, without changing the project's scripts. */
export interface Runner {
  readonly name: string
  /** Whether a package.json script starts it. */
  readonly pattern: RegExp
  /** A package without which it cannot write a JUnit report. */
  readonly package?: string
  /** Makes it write the JUnit report. */
  readonly report: Words
  /** Makes it write line coverage, if one of some packages is installed; empty for a runner that cannot. */
  readonly coverage: readonly (Words & { readonly package?: string })[]
  /** Turns off the runner's own coverage gates, so that Slipway's decide. */
  readonly ungated: string
  /** Lists the test files to {@link FILES}, as a command line made of the script; null if it cannot list them. */
  readonly list: ((script: string) => string) | null
  /** Whether it takes test files as arguments. */
  readonly takesFiles: boolean
  /** Makes it run one of several shards; null if it cannot. */
  readonly share: ((share: Share) => Words) | null
}

/** Where reports are written in the container. */
export const REPORT = "/slipway/junit.xml"
/** Where line coverage is written. */
const COVERAGE_FOLDER = "/slipway/coverage"
export const COVERAGE_REPORT = `${COVERAGE_FOLDER}/lcov.info`
/** Where the list of test files is written. */
export const FILES = "/slipway/files"

/** Options of `node --test` that NODE_OPTIONS does not take; {@link NODE_SHIM} adds them. */
export const NODE_TEST = "SLIPWAY_NODE_TEST"
/** A folder before all others of PATH. */
export const BIN = "/slipway/bin"
/** A `node` that adds options when it runs tests, and then starts Node.js. */
export const NODE_SHIM = `#!/bin/sh
real=$(PATH=$(printf %s "$PATH" | sed 's|${BIN}:||g'); command -v node)
case " $* " in
*" --test "*) mkdir -p ${COVERAGE_FOLDER} && exec "$real" $${NODE_TEST} "$@" ;;
esac
exec "$real" "$@"
`

const words = (args: string, env: Readonly<Record<string, string>> = {}): Words => ({ args, env })

const nodeReporters = (...reporters: readonly (readonly [name: string, destination: string])[]) =>
  reporters.map(([name, to]) => `--test-reporter=${name} --test-reporter-destination=${to}`).join(" ")

const VITEST_COVERAGE = `--coverage.enabled --coverage.reporter=lcovonly --coverage.reportsDirectory=${COVERAGE_FOLDER} --coverage.reportOnFailure`
const VITEST_UNGATED = ["lines", "functions", "branches", "statements"]
  .map((what) => `--coverage.thresholds.${what}=0`)
  .join(" ")

const RUNNERS: readonly Runner[] = [
  {
    name: "vitest",
    pattern: /\bvitest\b/,
    report: words(`--reporter=default --reporter=junit --outputFile.junit=${REPORT}`),
    coverage: ["v8", "istanbul"].map((provider) => ({
      package: `@vitest/coverage-${provider}`,
      ...words(`${VITEST_COVERAGE} --coverage.provider=${provider}`),
    })),
    ungated: VITEST_UNGATED,
    list: (script) =>
      script.replace(/\bvitest(\s+run\b)?(?!.*\bvitest\b)/, `vitest list --filesOnly --json=${FILES}`),
    takesFiles: true,
    share: ({ index, count }) => words(`--shard=${index}/${count}`),
  },
  {
    name: "jest",
    pattern: /\b(jest|react-scripts test)\b/,
    package: "jest-junit",
    report: words("--ci --reporters=default --reporters=jest-junit", {
      JEST_JUNIT_OUTPUT_FILE: REPORT,
      JEST_JUNIT_ADD_FILE_ATTRIBUTE: "true",
      // A file that does not load has no test to fail.
      JEST_JUNIT_REPORT_TEST_SUITE_ERRORS: "true",
    }),
    coverage: [words(`--coverage --coverageReporters=lcovonly --coverageDirectory=${COVERAGE_FOLDER}`)],
    ungated: "--coverageThreshold={}",
    list: (script) => `${script} --listTests >${FILES}`,
    takesFiles: true,
    share: ({ index, count }) => words(`--shard=${index}/${count}`),
  },
  {
    name: "node:test",
    // Reporters and destinations must be equally many.
    pattern: /\bnode\b(?!.*--test-reporter).*\s--test\b/,
    report: words("", {
      NODE_OPTIONS: `--use-openssl-ca ${nodeReporters(["spec", "stdout"], ["junit", REPORT])}`,
    }),
    coverage: [
      words("", {
        NODE_OPTIONS: `--use-openssl-ca ${nodeReporters(["spec", "stdout"], ["junit", REPORT], ["lcov", COVERAGE_REPORT])}`,
        [NODE_TEST]: "--experimental-test-coverage",
      }),
    ],
    ungated: "",
    list: null,
    takesFiles: false,
    share: ({ index, count }) => words("", { [NODE_TEST]: `--test-shard=${index}/${count}` }),
  },
  {
    name: "mocha",
    pattern: /\bmocha\b/,
    report: words(`--reporter xunit --reporter-option output=${REPORT}`),
    coverage: [],
    ungated: "",
    list: null,
    takesFiles: false,
    share: null,
  },
]

/**
 * Returns the runner that a script starts; null if it cannot write a report, so that only its exit code counts.
 *
 * @param packages names of what the package depends on.
 */
export function runnerOf(script: string, packages: readonly string[]): Runner | null {
  // Arguments go to the last command of a script.
  const last = script.split(/&&|\|\||[;|]/).at(-1) ?? ""
  const fits = ({ pattern, report, package: needed }: Runner) =>
    pattern.test(report.args === "" ? script : last) && (needed === undefined || packages.includes(needed))
  return RUNNERS.find(fits) ?? null
}

/** Returns how a runner writes line coverage with some packages, or why it cannot. */
export function coverageOf(
  runner: Runner | null,
  packages: readonly string[],
): { readonly words: Words } | { readonly reason: string } {
  if (runner === null) return { reason: "unknown test runner" }
  const found = runner.coverage.find((one) => one.package === undefined || packages.includes(one.package))
  if (found) return { words: found }
  const wanted = runner.coverage.flatMap((one) => one.package ?? [])
  return {
    reason:
      wanted.length === 0
        ? `${runner.name} has no coverage`
        : `${runner.name} needs ${wanted.join(" or ")} among the dependencies`,
  }
}

/** Several words of one command line. The same variable's values are put together. */
export function join(all: readonly Words[]): Words {
  const env: Record<string, string> = {}
  for (const one of all)
    for (const [name, value] of Object.entries(one.env))
      env[name] = name === NODE_TEST && env[name] ? `${env[name]} ${value}` : value
  return {
    args: all
      .map(({ args }) => args)
      .filter((args) => args !== "")
      .join(" "),
    env,
  }
}

/** Test files as a runner's arguments, by their paths in the project that lies in `root`. */
export const fileWords = (files: readonly string[], root: string): Words =>
  words(files.map((file) => quote(`${root}/${file}`)).join(" "))

/** Reads what {@link Runner.list} left: JSON with the files of vitest, or a path a line. */
export function readFiles(text: string, root: string): readonly string[] {
  const inside = (file: string) => (file.startsWith(`${root}/`) ? [file.slice(root.length + 1)] : [])
  try {
    const listed: readonly { readonly file: string }[] = JSON.parse(text)
    return [...new Set(listed.flatMap(({ file }) => inside(file)))].sort()
  } catch {
    return [...new Set(text.split("\n").flatMap((line) => inside(line.trim())))].sort()
  }
}
