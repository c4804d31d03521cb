/** How a test runner is made to write a JUnit report beside what it prints. */
export interface Runner {
  readonly name: string
  /** Whether a package.json script starts it. */
  readonly pattern: RegExp
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
    args: "--ci --reporters=default --reporters=jest-junit",
    env: { JEST_JUNIT_OUTPUT_FILE: REPORT },
  },
  {
    name: "node:test",
    pattern: /\bnode\b.*\s--test\b/,
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

/** The runner that a script starts, or null for one that is not known: its exit code alone then counts. */
export function runnerOf(script: string): Runner | null {
  return RUNNERS.find((runner) => runner.pattern.test(script)) ?? null
}
