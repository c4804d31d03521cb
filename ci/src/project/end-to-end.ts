/** Which end-to-end tests start the app in their own process, and which look at one that runs. */
import type { Workspace } from "./project.js"
import { type Program, programsOf } from "./scripts.js"

/** Names of scripts of end-to-end tests. */
export const END_TO_END = ["test:e2e", "e2e"]

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

/** The scripts of a package's end-to-end tests that start their app themselves. */
export const inProcessScripts = (workspace: Workspace): readonly string[] =>
  END_TO_END.filter((name) => startsItsApp(workspace, name))
