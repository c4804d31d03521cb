import { globMatcher } from "../formats/glob.js"
import type { Project } from "../project/project.js"
import type { Inputs } from "../run/stage.js"

const SCRIPTS = ["js", "mjs", "cjs", "jsx", "ts", "mts", "cts", "tsx"]
const OTHERS = [
  "vue",
  "svelte",
  "py",
  "go",
  "java",
  "kt",
  "cs",
  "php",
  "rb",
  "rs",
  "swift",
  "scala",
  "c",
  "cpp",
]

/** Which source files a stage looks at, by their endings. */
export const ENDINGS = { scripts: SCRIPTS, all: [...SCRIPTS, ...OTHERS] } as const

/** As SonarQube has it, tests are apart: they repeat themselves for good reasons. */
const TESTS = [
  "**/*.test.*",
  "**/*.spec.*",
  "**/test/**",
  "**/tests/**",
  "**/__tests__/**",
  "**/__mocks__/**",
  "**/e2e/**",
  "**/cypress/**",
  "**/*.stories.*",
  "**/test_*.py",
  "**/*_test.go",
]

/** What tools make, and what others wrote. */
const MADE = [
  "**/dist/**",
  "**/build/**",
  "**/out/**",
  "**/vendor/**",
  "**/generated/**",
  "**/*.generated.*",
  "**/*.min.js",
  "**/*.d.ts",
]

/** Inputs of a stage, and whether the project has any such file. */
export type Chosen = Inputs & { readonly any: boolean }

/** The source files that people of the project wrote and maintain, without tests. */
export const sources = (project: Project, endings: readonly string[]): Chosen =>
  choose(project, endings, [...TESTS, ...MADE, ...project.config.quality.exclude])

/** Files that data lies in, besides source code. */
const DATA = ["csv", "tsv", "json", "jsonl", "ndjson", "sql", "xml", "hl7", "txt", "html", "yaml", "yml"]
const SETTINGS = ["**/package*.json", "**/tsconfig*.json", "**/pnpm-lock.yaml", "dagger.json", "slipway.yaml"]

/** Everything that people's data can stand in: tests and fixtures first of all. */
export const texts = (project: Project): Chosen =>
  choose(project, [...ENDINGS.all, ...DATA], [...MADE, ...SETTINGS])

function choose(project: Project, endings: readonly string[], exclude: readonly string[]): Chosen {
  const include = endings.map((ending) => `**/*.${ending}`)
  const [wanted, unwanted] = [globMatcher(include), globMatcher(exclude)]
  return { include, exclude, any: project.files.some((file) => wanted(file) && !unwanted(file)) }
}
