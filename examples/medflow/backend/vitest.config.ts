import { defineConfig } from "vitest/config"

/** For busy machines: a test itself takes milliseconds. */
const testTimeout = 30_000

export default defineConfig({
  test: {
    projects: [
      { test: { name: "unit", include: ["test/unit/**/*.test.ts"], testTimeout } },
      { test: { name: "integration", include: ["test/integration/**/*.test.ts"], testTimeout } },
    ],
    coverage: {
      provider: "v8",
      include: ["src/**/*.ts"],
      // SQL and the process itself need a database: the integration tests cover them.
      exclude: ["src/db/**", "src/server.ts", "src/model.ts", "src/ports.ts"],
      reporter: ["text-summary", "lcov", "cobertura", "json-summary"],
      thresholds: { lines: 80 },
    },
  },
})
