import { anyOf } from "../formats/pattern.js"
import { rememberedOf } from "../formats/remembered.js"
import { folderOf } from "./manifest.js"
import { prefixOf } from "./paths.js"
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

const packageFolders = rememberedOf(
  ({ workspaces }: Project): ReadonlySet<string> => new Set(workspaces.map(({ path }) => path)),
)

/** The folder of the package that a file belongs to. */
export function packageFolder(project: Project, file: string): string {
  const folders = packageFolders(project)
  let folder = folderOf(file)
  while (folder !== "" && !folders.has(folder)) folder = folderOf(folder)
  return folder
}

/** Names of end-to-end tests, which the scripts of other tests leave out: `cats.e2e-spec.ts`, `e2e/cats.test.ts`. */
const END_TO_END = /(?:^|[./_-])e2e[./_-]/
const TESTS_FOLDER = /^(?:.*?\/)?(?:tests?|specs?)\//

/** The folders of the packages that have files that a runner could take for tests: by all files, and without end-to-end tests. */
const testedFolders = rememberedOf((project: Project) => {
  const named = project.files.filter(isTestFile)
  const apart = named.filter((file) => END_TO_END.test(file))
  const around = [...new Set(apart.map((file) => TESTS_FOLDER.exec(file)?.[0] ?? prefixOf(folderOf(file))))]
  const loose = project.files.filter((file) => LOOSE.test(file) && !BESIDE.test(file))
  // What lies loose in the folder of end-to-end tests are their helpers.
  const plain = [...named, ...loose].filter(
    (file) =>
      !END_TO_END.test(file) && (isTestFile(file) || !around.some((folder) => file.startsWith(folder))),
  )
  const foldersOf = (files: readonly string[]): ReadonlySet<string> =>
    new Set(files.map((file) => packageFolder(project, file)))
  return { all: foldersOf([...named, ...loose]), plain: foldersOf(plain) }
})

/**
 * Tells whether a package has files that a runner could take for tests. The root's tests may be those of its workspaces.
 *
 * @param endToEnd whether end-to-end tests count: plain ones leave them out.
 */
export function hasTestFiles(project: Project, { path }: Workspace, endToEnd: boolean): boolean {
  const folders = testedFolders(project)[endToEnd ? "all" : "plain"]
  return path === "" ? folders.size > 0 : folders.has(path)
}
