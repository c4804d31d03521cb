/** Which end-to-end tests start the app in their own process, and which look at one that runs. */
import type { Project, Workspace } from "./project.js"
import { type Program, programsOf } from "./scripts.js"
import { scriptsNamed, withColons } from "./suite-scripts.js"

/** Names of scripts of end-to-end tests. */
export const END_TO_END: readonly string[] = ["test:e2e", "e2e"]
/** Names that the team's CI may run in place of those. */
const OTHERS = [
  "e2e:ci",
  "test:e2e:ci",
  "e2e:run",
  "e2e:test",
  "e2e:tests",
  "tests:e2e",
  "end:to:end",
  "test:end:to:end",
]

/** Tells whether a script runs end-to-end tests, by its name, however its words are divided. */
export const isEndToEnd = (script: string): boolean => [...END_TO_END, ...OTHERS].includes(withColons(script))

/** Returns the names of scripts of a package's end-to-end tests; those of unusual names if the team's CI runs them. */
export const endToEndScripts = (project: Project, workspace: Workspace): readonly string[] =>
  scriptsNamed(project, workspace, END_TO_END, OTHERS)

/** Packages by which tests ask an app that they started themselves. */
const IN_PROCESS = [
  "supertest",
  "@nestjs/testing",
  "pactum",
  "light-my-request",
  "chai-http",
  "testcontainers",
  "mongodb-memory-server",
]

/** Programs that run tests without a browser. */
const RUNNERS = ["jest", "vitest", "mocha", "_mocha", "ava", "tap"]

/** Packages by which tests drive a browser. */
const BROWSERS =
  /^(?:playwright|puppeteer|cypress|selenium-webdriver|webdriverio|nightwatch|testcafe|detox)(?:$|-)|^@(?:playwright|wdio|puppeteer)\//

const runsTests = ({ name, args }: Program): boolean =>
  RUNNERS.includes(name) || (["node", "tsx"].includes(name) && args.includes("--test"))

/**
 * Tells whether a script of end-to-end tests needs no running app and no browser: its runner is one of other tests, and
 * the package has what starts an app in the tests' own process. Such tests are integration tests.
 */
export const startsItsApp = (
  { scripts, dependencies }: Pick<Workspace, "scripts" | "dependencies">,
  script: string,
): boolean =>
  programsOf(scripts, script).some(runsTests) &&
  dependencies.some((name) => IN_PROCESS.includes(name)) &&
  !dependencies.some((name) => BROWSERS.test(name))

/** Tells whether a script starts Cypress, whose browser and display no image has. */
export const drivesByCypress = ({ scripts }: Pick<Workspace, "scripts">, script: string): boolean =>
  programsOf(scripts, script).some(({ name }) => name === "cypress")

/** The scripts of a package's end-to-end tests that start their app themselves. */
export const inProcessScripts = (project: Project, workspace: Workspace): readonly string[] =>
  endToEndScripts(project, workspace).filter((name) => startsItsApp(workspace, name))
