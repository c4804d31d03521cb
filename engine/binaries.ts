import { execFileSync } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import { changeDagger } from "./dagger-source.js"
import { goBuild } from "./go-build.js"
import { goModule } from "./go-program.js"
import { HostFault } from "./host/fault.js"
import { logged } from "./host/process.js"
import type { Task } from "./host/progress.js"
import { repository } from "./host/repository.js"

/** The Dagger release of the engine, its client and the npm SDK. */
export const DAGGER_VERSION = "v0.21.8"

/** The module's checksum. Go does not verify a module that is replaced by a copy. */
const DAGGER_SUM = "h1:2BQXPly/KRgbjMLNjbh2kz5+zVOlIaFAk9A8t1oGCFk="

/** The binaries of the embedded engine, as `go build` names them. */
export const BINARIES = ["dagger", "engine", "dnsname", "init", "codegen"] as const

/** The oldest Go that compiles this release of Dagger. */
export const MINIMUM_GO = [1, 26, 1] as const

/** The fix for a missing Go. */
export const GO_FIX = `install Go ${MINIMUM_GO.join(".")} or newer and put it on the PATH, or install Docker and the dagger CLI`

/** The folder with go.mod and the stand-ins. */
export const goSources = (): string => path.join(repository(), "engine/go")

/** Parses `go version go1.26.8 linux/amd64` to its numbers, or null. */
export function goVersion(output: string): readonly number[] | null {
  const match = /go(\d+)\.(\d+)(?:\.(\d+))?/.exec(output)
  return match ? match.slice(1, 4).map((part) => Number(part ?? 0)) : null
}

/** True when version `a` is at least `b`. */
export function atLeast(a: readonly number[], b: readonly number[]): boolean {
  const index = b.findIndex((part, i) => (a[i] ?? 0) !== part)
  return index === -1 || (a[index] ?? 0) > (b[index] ?? 0)
}

/**
 * Checks that the PATH has a Go that can build the engine.
 *
 * @throws HostFault `tool-missing`.
 */
export function requireGo(): void {
  const needed = MINIMUM_GO.join(".")
  const fix = GO_FIX
  let output: string
  try {
    output = execFileSync("go", ["version"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim()
  } catch {
    throw new HostFault("tool-missing", "Go not found: the embedded engine is built with it", fix)
  }
  const version = goVersion(output)
  if (version && atLeast(version, MINIMUM_GO)) return
  throw new HostFault("tool-missing", `the embedded engine needs Go ${needed}; found ${output}`, fix)
}

/**
 * Builds the engine's binaries into `folder`/bin.
 *
 * Dagger's module is copied without its documentation, and the copy is changed by `engine/go/changes.json`. Every other
 * module comes from Go's module cache, verified against go.sum.
 */
export async function buildBinaries(folder: string, log: string, task: Task): Promise<readonly string[]> {
  const work = path.join(folder, "src")
  fs.cpSync(goSources(), work, { recursive: true })
  task.update("fetching the Dagger module")
  const source = goModule("github.com/dagger/dagger", DAGGER_VERSION, DAGGER_SUM)
  const copy = path.join(work, "dagger")
  fs.cpSync(source, copy, { recursive: true, filter: (file) => path.relative(source, file) !== "docs" })
  await logged(["chmod", "-R", "u+w", copy], { log, timeout: 60 })
  changeDagger(copy, work)

  const bin = path.join(folder, "bin")
  fs.mkdirSync(bin)
  const packages = BINARIES.map((name) => `github.com/dagger/dagger/cmd/${name}`)
  await goBuild({
    args: [...goFlags(), "-o", `${bin}/`, ...packages],
    cwd: work,
    env: { ...process.env, CGO_ENABLED: "0", GOFLAGS: "-buildvcs=false" },
    log,
    timeout: 3600,
    progress: task.update,
  })
  fs.rmSync(work, { recursive: true })
  return BINARIES.map((name) => `bin/${name}`)
}

function goFlags(): readonly string[] {
  const version = "github.com/dagger/dagger/engine"
  const ldflags = `-s -w -X ${version}.Version=${DAGGER_VERSION} -X ${version}.Tag=${DAGGER_VERSION}`
  return ["-trimpath", "-tags", "dfexcludepatterns,dfparents", "-ldflags", ldflags]
}
