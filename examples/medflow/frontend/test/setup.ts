import "@testing-library/jest-dom/vitest"
import { configure } from "@testing-library/react"

// For busy machines: the page shows what a test waits for in milliseconds.
configure({ asyncUtilTimeout: 10_000 })
