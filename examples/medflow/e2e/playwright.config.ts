import process from "node:process"
import { defineConfig, devices } from "@playwright/test"

export default defineConfig({
  testDir: "tests",
  forbidOnly: process.env.CI === "true",
  retries: process.env.CI === "true" ? 1 : 0,
  use: {
    // By hand: the development server of the frontend, with the backend beside it.
    baseURL: process.env.BASE_URL ?? "http://localhost:5173",
    timezoneId: "Europe/Berlin",
    trace: "retain-on-failure",
    screenshot: "only-on-failure",
  },
  projects: [{ name: "chromium", use: devices["Desktop Chrome"] }],
})
