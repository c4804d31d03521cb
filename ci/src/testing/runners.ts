/** How a test runner is made to write a JUnit report beside what it prints. */
export interface Runner {
  readonly name: string
  /** Whether a package.json script starts it. */
  readonly pattern: RegExp
  /** A package without which it cannot write one. */
  readonly package?: string
  /** What to add to the script's command line. */
  readonly args: string
  readonly env: Readonly<Record<string, string>>
}

/** Where reports are written in the container. */
export const REPORT = "/slipway/junit.xml"

const RUNNERS: readonly Runner[] = [
  {
    name: "vitest",
    pattern: /\bvitest\b/,
    args: `--reporter=default --reporter=junit --outputFile.junit=${REPORT}`,
    env: {},
  },
  {
    name: "jest",
    pattern: /\b(jest|react-scripts test)\b/,
    package: "jest-junit",
    args: "--ci --reporters=default --reporters=jest-junit",
    env: { JEST_JUNIT_OUTPUT_FILE: REPORT },
  },
  {
    name: "node:test",
    // One that names reporters would have to name as many destinations.
    pattern: /\bnode\b(?!.*--test-reporter).*\s--test\b/,
    args: "",
    env: {
      NODE_OPTIONS: `--use-openssl-ca --test-reporter=spec --test-reporter-destination=stdout --test-reporter=junit --test-reporter-destination=${REPORT}`,
    },
  },
  {
    name: "mocha",
    pattern: /\bmocha\b/,
    args: `--reporter xunit --reporter-option output=${REPORT}`,
    env: {},
  },
]

/**
 * The runner that a script starts, or null for one that cannot be made to write a report: its exit code alone
 * then counts.
 *
 * @param packages names of what the package depends on.
 */
export function runnerOf(script: string, packages: readonly string[]): Runner | null {
  // Arguments go to the last command of a script.
  const last = script.split(/&&|\|\||[;|]/).at(-1) ?? ""
  const fits = ({ pattern, args, package: needed }: Runner) =>
    pattern.test(args === "" ? script : last) && (needed === undefined || packages.includes(needed))
  return RUNNERS.find(fits) ?? null
}
