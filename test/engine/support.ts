import { execFile, execFileSync } from "node:child_process"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { afterAll, beforeAll } from "vitest"
import type { Image } from "../../ci/src/run/images.js"
import type { RunRecord, StageRecord } from "../../ci/src/run/result.js"
import { KINDS } from "../../ci/src/stages.js"
import { RECIPES } from "../../engine/recipes/index.js"
import { forget } from "../../engine/stand-in.js"

/** Makes images, which the engine does not make when they are pulled, before the tests of a file, and forgets them after. */
export function built(...images: readonly Image[]): void {
  const names = images.map(({ name }) => name)
  beforeAll(
    () => promisify(execFile)(path.join(MODULE, "slipway"), ["engine", "make", ...names]),
    45 * 60_000,
  )
  // A scanner that is there looks, and has a database only where a test makes one for it.
  afterAll(() => {
    for (const image of RECIPES) if (image.onDemand && names.includes(image.name)) forget(image)
  })
}

/** The module that is tested: this repository's root. */
export const MODULE = fileURLToPath(new URL("../..", import.meta.url))

/** The example app, as it stands in this repository. */
export const MEDFLOW = path.join(MODULE, "examples/medflow")

const made: string[] = []

afterAll(() => {
  for (const folder of made) fs.rmSync(folder, { recursive: true, force: true })
})

/** An empty folder, gone when the tests of the file are over. */
export function temporary(name: string): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), `slipway-${name}-`))
  made.push(folder)
  return folder
}

/** What tools make in the example app when it is worked on here. */
const UNWANTED = new Set(["node_modules", "dist", "coverage", ".slipway"])

/** The `stages` of a slipway.yaml that leave some kinds out. */
export const without = (kinds: readonly string[]): string =>
  `stages:\n${kinds.map((kind) => `  ${kind}: { enabled: false }\n`).join("")}`

/** The `stages` of a slipway.yaml that leave all kinds out but for some, and what they need; more may be added at the end. */
export const nothingBut = (...wanted: readonly string[]): string =>
  without(
    [...new Set(KINDS.map(({ kind }) => kind))].filter(
      (kind) => !["install", "custom", ...wanted].includes(kind),
    ),
  )

/** What takes minutes to make on an embedded engine, and has tests of its own. */
const SLOW = [
  "dependencies",
  "infrastructure",
  "image-scan",
  "sbom",
  "load",
  "terraform-fmt",
  "terraform-validate",
]

/** A copy of the example app, a repository of its own, without the stages that are slow to make. */
export const medflow = (): string => medflowWith(without(SLOW))

/** A copy of the example app, a repository of its own, with more settings in its slipway.yaml. */
export function medflowWith(settings: string): string {
  const folder = temporary("medflow")
  fs.cpSync(MEDFLOW, folder, { recursive: true, filter: (file) => !UNWANTED.has(path.basename(file)) })
  const file = path.join(folder, "slipway.yaml")
  const own = fs.readFileSync(file, "utf8")
  if (/^(stages|security):/m.test(own))
    throw new Error("the example app has settings of its own: add these to them")
  fs.writeFileSync(file, own + settings)
  return repository(folder)
}

/** A secret to plant, in pieces so that it is none here. */
export const SECRET = ["ghp_", "aB3dE5gH7jK9", "mN1pQ3sT5vW7", "xY9zA2cE4fG6"].join("")

/** Files by path; objects are files that hold JSON. */
export type Files = Readonly<Record<string, string | object>>

/** Stages that look at any project: left out where a test is about something else. */
const LOOKS = [
  "deadcode",
  "duplication",
  "maintainability",
  "privacy",
  "dependencies",
  "code",
  "secrets",
  "infrastructure",
  "licences",
  "image-scan",
  "sbom",
  "a11y",
  "dast",
  "load",
]

/** The `stages` of a slipway.yaml that leave them out, but for those that are wanted; more may be added at the end. */
export const onlyStages = (...wanted: readonly string[]): string =>
  without(LOOKS.filter((kind) => !wanted.includes(kind)))

/** The text of a slipway.yaml that leaves them all out. */
export const QUIET = onlyStages()

/**
 * A small app of one package, with no dependencies and so quickly installed. Without a slipway.yaml of its own, it
 * has only the stages that its scripts and files ask for.
 */
export function app(files: Files, scripts: Readonly<Record<string, string>> = {}): string {
  const manifest = { name: "small", version: "1.0.0", private: true }
  const folder = folderOf({
    "package.json": { ...manifest, scripts },
    "package-lock.json": { ...manifest, lockfileVersion: 3, requires: true, packages: { "": manifest } },
    "slipway.yaml": QUIET,
    ...files,
  })
  return folder
}

/** A folder with some files, a repository of its own. */
export function folderOf(files: Files): string {
  const folder = temporary("app")
  write(folder, files)
  return repository(folder)
}

/** Writes files into a folder. */
export function write(folder: string, files: Files): void {
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(folder, name)
    fs.mkdirSync(path.dirname(file), { recursive: true })
    fs.writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content, null, 2))
  }
}

/** Changes the text of a file. */
export function edit(folder: string, name: string, change: (text: string) => string): void {
  const file = path.join(folder, name)
  const before = fs.readFileSync(file, "utf8")
  const after = change(before)
  if (after === before) throw new Error(`nothing to change in ${name}`)
  fs.writeFileSync(file, after)
}

function repository(folder: string): string {
  execFileSync("git", ["init", "--quiet", folder])
  return folder
}

/** Commits all files of a repository. @returns the commit. */
export function commitAll(folder: string): string {
  const git = (...words: readonly string[]) =>
    execFileSync("git", ["-C", folder, "-c", "user.name=Ada", "-c", "user.email=ada@example.org", ...words])
  git("add", "--all")
  git("commit", "--quiet", "-m", "first")
  return git("rev-parse", "HEAD").toString().trim()
}

/** A call of the dagger CLI, ended. */
export interface Called {
  readonly code: number
  readonly stdout: string
  /** The progress and, at the end, the error. */
  readonly stderr: string
  /** What a person reads: the result, or the error that ends the run. */
  readonly said: string
  readonly seconds: number
}

/** Runs the dagger CLI in a folder. */
export function dagger(folder: string, ...args: readonly string[]): Promise<Called> {
  const command = process.env._EXPERIMENTAL_DAGGER_CLI_BIN ?? "dagger"
  const settings = { DAGGER_PROGRESS: "plain", DAGGER_NO_NAG: "1", DO_NOT_TRACK: "1", NO_COLOR: "1" }
  const options = {
    cwd: folder,
    env: { ...process.env, ...settings },
    timeout: 14 * 60_000,
    maxBuffer: 1 << 28,
  }
  const begin = performance.now()
  return new Promise((resolve) => {
    execFile(command, args, options, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : 255
      const said = error === null ? stdout : stderr.slice(stderr.lastIndexOf("\nError: ") + 1)
      resolve({ code, stdout, stderr, said, seconds: (performance.now() - begin) / 1000 })
    })
  })
}

/** Calls a function of the module on a project, with the module's own options before the function's name. */
export function call(project: string, ...words: readonly string[]): Promise<Called> {
  return dagger(project, "call", "-m", MODULE, "--source", ".", "--history", ".", ...words)
}

/** The evidence of a run, in a folder. */
export interface Evidence extends Called {
  readonly folder: string
  readonly record: RunRecord
  /** A stage by its name. */
  readonly stage: (name: string) => StageRecord
}

/** Exports the evidence of a project's run. */
export async function report(project: string, ...flags: readonly string[]): Promise<Evidence> {
  const folder = temporary("report")
  const called = await call(project, ...flags, "report", "export", "--path", folder)
  const file = path.join(folder, "result.json")
  if (!fs.existsSync(file)) throw new Error(`there is no report:\n${called.stderr.slice(-4000)}`)
  const record: RunRecord = JSON.parse(fs.readFileSync(file, "utf8"))
  const stage = (name: string): StageRecord => {
    const found = record.stages.find((one) => one.name === name)
    if (found === undefined) throw new Error(`the run has no stage ${name}`)
    return found
  }
  return { ...called, folder, record, stage }
}

/** The text of a file of the evidence. */
export const fileIn = ({ folder }: Evidence, file: string): string =>
  fs.readFileSync(path.join(folder, file), "utf8")

/** A value that is made when it is first asked for, and kept. */
export function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null
  return () => {
    made ??= { value: make() }
    return made.value
  }
}

/** Names of the stages that have what is asked. */
export const stagesWith = (record: RunRecord, has: (stage: StageRecord) => boolean): readonly string[] =>
  record.stages.filter(has).map(({ name }) => name)
