import { defineConfig } from "vitest/config"

const MINUTES = 60_000

export default defineConfig({
  test: {
    projects: [
      { test: { name: "unit", include: ["test/unit/**/*.test.ts"] } },
      {
        // The deployer against the simulator: minutes of computing, and hours on the virtual clock.
        test: { name: "deploy", include: ["test/deploy/**/*.test.ts"], testTimeout: 5 * MINUTES },
      },
      {
        test: {
          name: "engine",
          include: ["test/engine/**/*.test.ts"],
          globalSetup: "test/engine/global-setup.ts",
          // Whichever comes first has the images made that it runs.
          testTimeout: 15 * MINUTES,
          hookTimeout: 15 * MINUTES,
          // One engine serves them all: side by side, they would only wait for each other.
          poolOptions: { forks: { singleFork: true } },
        },
      },
      {
        test: {
          name: "install",
          include: ["test/install/**/*.test.ts"],
          globalSetup: "test/install/global-setup.ts",
          testTimeout: 5 * MINUTES,
          hookTimeout: 10 * MINUTES,
          // They measure starts, and compare the host before and after.
          poolOptions: { forks: { singleFork: true } },
        },
      },
    ],
  },
})
