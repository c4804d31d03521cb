import { execFileSync } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import { HostFault } from "../cli/fault.js"
import { logged } from "../cli/process.js"
import type { Task } from "../cli/progress.js"
import { repository } from "../cli/repository.js"
import { goModule } from "./go-program.js"

/** The Dagger release that the engine, its client and the npm SDK are of. */
export const DAGGER_VERSION = "v0.21.8"

/** The module's checksum: it is replaced by a copy, which Go therefore does not check itself. */
const DAGGER_SUM = "h1:2BQXPly/KRgbjMLNjbh2kz5+zVOlIaFAk9A8t1oGCFk="

/** The binaries of the embedded engine, as `go build` names them. */
export const BINARIES = ["dagger", "engine", "dnsname", "init", "codegen"] as const

/** Packages that a build from nothing compiles, for the progress line. */
const PACKAGES = 1620

/** The oldest Go that compiles this release of Dagger. */
export const MINIMUM_GO = [1, 26, 1] as const

/** What to do where it is missing. */
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

/** Fails unless a Go toolchain that can build the engine is on the PATH. */
export function requireGo(): void {
  const needed = MINIMUM_GO.join(".")
  const fix = GO_FIX
  let output: string
  try {
    output = execFileSync("go", ["version"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim()
  } catch {
    throw new HostFault(
      "tool-missing",
      "the embedded engine is built with Go, and there is no go command",
      fix,
    )
  }
  const version = goVersion(output)
  if (version && atLeast(version, MINIMUM_GO)) return
  throw new HostFault("tool-missing", `the embedded engine needs Go ${needed}, and this is ${output}`, fix)
}

/**
 * Builds the engine's binaries into `folder`/bin.
 *
 * Dagger's own module is copied, without its documentation, so that the one package whose dependency is on no
 * mirror can be replaced; every other module comes from the module cache, checked against go.sum.
 */
export async function buildBinaries(folder: string, log: string, task: Task): Promise<readonly string[]> {
  const work = path.join(folder, "src")
  fs.cpSync(goSources(), work, { recursive: true })
  task.update("fetching the Dagger module")
  const source = goModule("github.com/dagger/dagger", DAGGER_VERSION, DAGGER_SUM)
  const copy = path.join(work, "dagger")
  fs.cpSync(source, copy, { recursive: true, filter: (file) => path.relative(source, file) !== "docs" })
  await logged(["chmod", "-R", "u+w", copy], { log, timeout: 60 })
  const dang = path.join(copy, "core/sdk/dang/v2")
  fs.rmSync(dang, { recursive: true })
  fs.mkdirSync(dang)
  fs.copyFileSync(path.join(work, "stand-ins/dangv2.go.txt"), path.join(dang, "sdk.go"))

  const bin = path.join(folder, "bin")
  fs.mkdirSync(bin)
  let compiled = 0
  await logged(
    [
      "go",
      "build",
      ...goFlags(),
      "-o",
      `${bin}/`,
      ...BINARIES.map((name) => `github.com/dagger/dagger/cmd/${name}`),
    ],
    {
      cwd: work,
      env: { ...process.env, CGO_ENABLED: "0", GOFLAGS: "-buildvcs=false" },
      log,
      timeout: 3600,
      onLine: (line) => {
        if (/^[\w./-]+$/.test(line)) task.update(`${++compiled} of at most ${PACKAGES} packages`)
      },
    },
  )
  fs.rmSync(work, { recursive: true })
  return BINARIES.map((name) => `bin/${name}`)
}

function goFlags(): string[] {
  const version = "github.com/dagger/dagger/engine"
  const ldflags = `-s -w -X ${version}.Version=${DAGGER_VERSION} -X ${version}.Tag=${DAGGER_VERSION}`
  return ["-v", "-trimpath", "-tags", "dfexcludepatterns,dfparents", "-ldflags", ldflags]
}
