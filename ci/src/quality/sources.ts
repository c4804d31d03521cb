import { plural } from "../formats/figures.js"
import { globMatcher } from "../formats/glob.js"
import type { Project } from "../project/project.js"
import type { Inputs, StageResult } from "../run/stage.js"

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
  // Below a folder of sources, such a folder is source as well.
  "!**/src/**/{dist,build,out}/**",
  "**/node_modules/**",
  ".yarn/**",
  "**/.yarn/{releases,plugins,sdks}/**",
  "**/.pnp.*",
  "**/third_party/**",
  "**/bower_components/**",
  "**/vendor/**",
  "**/generated/**",
  "**/*.generated.*",
  "**/*{.,-}min.{js,cjs,mjs}",
  "**/*.bundle.{js,cjs,mjs}",
  "**/*.d.{ts,mts,cts}",
  "**/__generated__/**",
  "**/*{.pb,_pb}.{js,ts,go}",
  "**/*_pb2.py",
  "**/__snapshots__/**",
  "**/*.snap",
]

/** Inputs of a stage, whether the project has any such file, and how many are left out as generated or vendored. */
export type Chosen = Inputs & { readonly any: boolean; readonly leftOut: number }

/** Says in a stage's summary how many files it left out because no one maintains them. */
export function withLeftOut<T extends Pick<StageResult, "verdict" | "summary">>(result: T, count: number): T {
  const judged = result.verdict === "passed" || result.verdict === "failed"
  if (!judged || count === 0) return result
  return { ...result, summary: `${result.summary}; left out: ${plural(count, "generated or vendored file")}` }
}

/** The source files that people of the project wrote and maintain, without tests. */
export const sources = (project: Project, endings: readonly string[]): Chosen =>
  choose(project, endings, [...TESTS, ...project.config.quality.exclude])

/** Files that data lies in, besides source code. */
const DATA = ["csv", "tsv", "json", "jsonl", "ndjson", "sql", "xml", "hl7", "txt", "html", "yaml", "yml"]
const SETTINGS = [
  "**/package*.json",
  "**/npm-shrinkwrap.json",
  "**/tsconfig*.json",
  "**/pnpm-lock.yaml",
  "dagger.json",
  "slipway.yaml",
]

/** Everything that people's data can stand in: tests and fixtures first of all. */
export const texts = (project: Project): Chosen => choose(project, [...ENDINGS.all, ...DATA], SETTINGS)

function choose(project: Project, endings: readonly string[], exclude: readonly string[]): Chosen {
  const include = endings.map((ending) => `**/*.${ending}`)
  const notOwn = [...MADE, ...project.attributes.notOwn]
  const all = [...notOwn, ...exclude]
  const [wanted, unwanted, isNotOwn] = [globMatcher(include), globMatcher(all), globMatcher(notOwn)]
  const files = project.files.filter(wanted)
  return {
    include,
    exclude: all,
    any: files.some((file) => !unwanted(file)),
    leftOut: files.filter(isNotOwn).length,
  }
}
