import { defineConfig } from "vitest/config"

export default defineConfig({
  test: {
    projects: [
      { test: { name: "unit", include: ["test/unit/**/*.test.ts"] } },
      { test: { name: "integration", include: ["test/integration/**/*.test.ts"] } },
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
