import { expect, test } from "vitest"
import { suitesOf } from "../../../ci/src/app/e2e/suites.js"
import { type Files, repositoryOf } from "../projects.js"

const WORKSPACES = {
  "shop/package.json": { name: "shop", scripts: { "test:e2e": "playwright test" } },
  "admin/package.json": { name: "admin", scripts: { e2e: "wdio run" } },
}
const root = (more: object) => ({ name: "root", workspaces: ["shop", "admin"], ...more })

const found = async (files: Files) =>
  suitesOf((await repositoryOf(files)).whole).map(({ because }) => because)

test.each<[string, Files, readonly string[]]>([
  [
    "each workspace with a script, and no root that only starts them",
    { "package.json": root({ scripts: { "test:e2e": "turbo run test:e2e e2e" } }), ...WORKSPACES },
    ["the script e2e in admin/package.json", "the script test:e2e in shop/package.json"],
  ],
  [
    "the root too where it does more",
    { "package.json": root({ scripts: { e2e: "playwright test smoke" } }), ...WORKSPACES },
    [
      "the script e2e in admin/package.json",
      "the script test:e2e in shop/package.json",
      "the script e2e in package.json",
    ],
  ],
  [
    "no root that brings Playwright to the workspaces",
    { "package.json": root({ devDependencies: { "@playwright/test": "1" } }), ...WORKSPACES },
    ["the script e2e in admin/package.json", "the script test:e2e in shop/package.json"],
  ],
  [
    "a root with Playwright's configuration",
    {
      "package.json": root({ devDependencies: { "@playwright/test": "1" } }),
      "playwright.config.ts": "",
      ...WORKSPACES,
    },
    [
      "the script e2e in admin/package.json",
      "the script test:e2e in shop/package.json",
      "@playwright/test in package.json",
    ],
  ],
  [
    "none of Cypress, also behind a server",
    {
      "package.json": {
        name: "one",
        scripts: {
          "test:e2e": "cypress open",
          e2e: "start-server-and-test dev http://localhost:3000 'cypress run'",
        },
      },
    },
    [],
  ],
  [
    "the only package with Playwright",
    { "package.json": { name: "one", devDependencies: { "@playwright/test": "1" } } },
    ["@playwright/test in package.json"],
  ],
])("end-to-end suites are %s", async (_what, files, suites) => {
  expect(await found(files)).toEqual(suites)
})
