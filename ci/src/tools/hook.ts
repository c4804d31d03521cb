import type { Container } from "@dagger.io/dagger"
import { dag } from "@dagger.io/dagger"
import { WORKDIR } from "../run/stage.js"

/** Where the hook lies in a container, and where the tools that it finds write their reports. */
export const HOOK = "/slipway/hook"
const RUNS = "/slipway/runs"

/** What the hook does in the processes of a script. */
export interface HookSettings {
  /** True for linters; false for test runners. */
  readonly lints: boolean
  readonly coverage: boolean
  /** Paths of the only test files to run, for runners that take them; all for none. */
  readonly files: readonly string[]
  /** `2/4`: the part of the test files to run; null for all. */
  readonly shard: string | null
  /** Where to list the test files, instead of running them. */
  readonly list: string | null
}

export const NO_CHANGES: HookSettings = { lints: false, coverage: false, files: [], shard: null, list: null }

/**
 * Puts the hook into a container: a file that every Node.js process of a script loads. A process that is a test runner or a linter
 * writes reports by it, however the script starts it, and runs once where it would watch.
 */
export const withHook = (container: Container, settings: HookSettings): Container =>
  container
    .withDirectory(HOOK, dag.currentModule().source().directory("inside/hook"))
    .withNewFile(`${HOOK}/settings.json`, JSON.stringify({ ...settings, folder: RUNS, root: WORKDIR }))

/** Returns a shell command that runs another with the hook. */
export const hooked = (command: string): string => `. ${HOOK}/env; ${command}`

/** Where a command without the hook writes its reports, so that they are read as those of a tool. */
const OWN = `${RUNS}/1-1`
/** The report in JUnit's format that the command is told to write. */
export const OWN_REPORT = `${OWN}/junit.xml`
/** The coverage in LCOV's format that the command is told to write. */
export const OWN_COVERAGE = `${OWN}/coverage/lcov.info`
/** Makes their folders, and notes where the command runs. */
export const OWN_RUN = `mkdir -p ${OWN}/coverage; pwd >${OWN}/cwd`

/** Patterns of the reports that the tools write. */
export const HOOK_REPORTS: readonly string[] = [
  ...["cwd", "junit.xml", "output.tap", "exit", "only.json", "coverage/lcov.info"].map(
    (file) => `${RUNS}/*/${file}`,
  ),
  ...["eslint.json", "annotations.txt"].map((file) => `${RUNS}/*/${file}`),
]

/** What one tool wrote, as the texts of its files. */
export interface ToolRun {
  /** The folder that it ran in, relative to the project. */
  readonly folder: string
  /** By name: `junit.xml`, `coverage/lcov.info`. */
  readonly files: Readonly<Partial<Record<string, string>>>
}

/** Returns what each tool of a command wrote, in the order of their start. */
export function toolRuns(reports: Readonly<Record<string, string>>): readonly ToolRun[] {
  const runs = new Map<string, Record<string, string>>()
  for (const [path, text] of Object.entries(reports)) {
    const [, run, file] = /^\/slipway\/runs\/([^/]+)\/(.+)$/.exec(path) ?? []
    if (run === undefined || file === undefined) continue
    const files = runs.get(run) ?? {}
    files[file] = text
    runs.set(run, files)
  }
  const started = (name: string) => Number(name.split("-")[1])
  return [...runs]
    .toSorted(([a], [b]) => started(a) - started(b))
    .map(([, files]) => ({ folder: inProject(files.cwd?.trim() ?? WORKDIR), files }))
}

const inProject = (path: string): string =>
  path.startsWith(`${WORKDIR}/`) ? path.slice(WORKDIR.length + 1) : ""
