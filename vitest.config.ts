import { defineConfig } from "vitest/config"
import { SIGNS } from "./ci/src/vendors/vendors.js"

const MINUTES = 60_000

// A test that runs Slipway says itself in which CI: the verdict is the same on a laptop and in any CI.
for (const sign of SIGNS) delete process.env[sign]

/** Tests that one engine serves. */
const onEngine = (name: string) => ({
  name,
  include: [`test/${name}/**/*.test.ts`],
  globalSetup: "test/engine/global-setup.ts",
  // Whichever comes first has the images made that it runs.
  testTimeout: 15 * MINUTES,
  hookTimeout: 15 * MINUTES,
})

/** One file after the other. */
const alone = { forks: { singleFork: true } }

export default defineConfig({
  test: {
    setupFiles: "test/suite/processor.ts",
    reporters: ["default", "./test/suite/reporter.ts"],
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["test/unit/**/*.test.ts"],
          // Importing is most of their work: a process imports a module once for all of its files.
          isolate: false,
          testTimeout: MINUTES,
        },
      },
      {
        extends: true,
        // The deployer against the simulator: minutes of computing, and hours on the virtual clock.
        test: { name: "deploy", include: ["test/deploy/**/*.test.ts"], testTimeout: 5 * MINUTES },
      },
      { extends: true, test: onEngine("engine") },
      // What they build takes the whole machine.
      { extends: true, test: { ...onEngine("rare"), poolOptions: alone } },
      {
        extends: true,
        test: {
          name: "install",
          include: ["test/install/**/*.test.ts"],
          globalSetup: "test/install/global-setup.ts",
          testTimeout: 5 * MINUTES,
          hookTimeout: 10 * MINUTES,
          // They measure starts, and compare the host before and after.
          poolOptions: alone,
        },
      },
    ],
  },
})
