import react from "@vitejs/plugin-react"
import { defineConfig } from "vitest/config"

// Stands in for the hospital's identity proxy, which names the person who is signed in.
const backend = {
  "/api": {
    target: "http://127.0.0.1:3000",
    headers: { "x-medflow-user": "local-developer" },
  },
}

export default defineConfig({
  plugins: [react()],
  server: { port: 5173, proxy: backend },
  preview: { port: 4173, proxy: backend },
  test: {
    environment: "jsdom",
    setupFiles: ["test/setup.ts"],
    include: ["test/**/*.test.{ts,tsx}"],
    // For busy machines: a test itself takes milliseconds.
    testTimeout: 30_000,
    coverage: {
      provider: "v8",
      include: ["src/**/*.{ts,tsx}"],
      exclude: ["src/main.tsx"],
      reporter: ["text-summary", "lcov", "cobertura", "json-summary"],
      thresholds: { lines: 80 },
    },
  },
})
