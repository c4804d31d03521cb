import { anyOf } from "../formats/pattern.js"
import type { Project, Workspace } from "./project.js"

/** Files that test runners take for tests wherever they lie. */
const NAMED = /\.(?:[a-z0-9]+-)?(?:test|spec|cy)\.[cm]?[jt]sx?$/
const IN_TESTS_FOLDER = /(?:^|\/)__tests__\/(?:.*\/)?[^/]+\.[cm]?[jt]sx?$/
/** Files that some runners take for tests as well: everything in a folder of tests. */
const LOOSE = anyOf([
  /(?:^|\/)(?:tests?|specs?)\/(?:.*\/)?[^/]+\.[cm]?[jt]sx?$/,
  /(?:^|\/)(?:test|test-[^/]+|[^/]+[-_.]test)\.[cm]?[jt]sx?$/,
])

/** Files beside tests that are not tests: fixtures, mocks, helpers, declarations. */
const BESIDE = anyOf([
  /(?:^|\/)(?:node_modules|__mocks__|__fixtures__|fixtures?|testdata|__snapshots__|templates?)\//,
  /(?:^|\/)\.[^/]+\//,
  /\.d\.[cm]?ts$/,
  /(?:^|\/)__tests__\/(?:.*\/)?(?:_?helpers?|_?utils?|_?setup|support|shared)(?:\/|[.-])/,
])

/** Tells whether a file is a test, by its name alone. */
export const isTestFile = (file: string): boolean =>
  (NAMED.test(file) || IN_TESTS_FOLDER.test(file)) && !BESIDE.test(file)

/** The folder of the package that a file belongs to. */
export function packageFolder(project: Project, file: string): string {
  const folders = project.workspaces
    .map(({ path }) => path)
    .filter((path) => path !== "" && file.startsWith(`${path}/`))
  return folders.toSorted((a, b) => b.length - a.length)[0] ?? ""
}

/** Tells whether a package has files that a runner could take for tests. The root's tests may be those of its workspaces. */
export const hasTestFiles = (project: Project, workspace: Workspace): boolean =>
  project.files.some(
    (file) =>
      (isTestFile(file) || (LOOSE.test(file) && !BESIDE.test(file))) &&
      (workspace.path === "" || packageFolder(project, file) === workspace.path),
  )
