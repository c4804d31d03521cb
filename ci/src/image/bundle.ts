import * as z from "zod/mini"
import { settingsOf } from "../config/stage-settings.js"
import { bytes, plural } from "../formats/figures.js"
import { type Build, buildsOf, shippedBuild } from "../project/builds.js"
import { type ScriptStage, scriptStages } from "../project/packages.js"
import type { Project } from "../project/project.js"
import { scriptCommand, workplace, workplaceNeeds } from "../project/workplace.js"
import { quote } from "../run/command.js"
import { fromCommand } from "../run/outcome.js"
import type { RunRecord } from "../run/result.js"
import { type Given, type Stage, type StageKind, type StageResult, withEnvironment } from "../run/stage.js"
import { type Asset, assetsOf, weigh } from "./sizes.js"

const BUNDLE = "bundle"
const SCRIPTS = ["build"]

/** Seconds, where slipway.yaml does not say. */
const TIMEOUT = 900
const MEASURE_TIMEOUT = 120

/** Where bundlers leave what browsers load, by a word of the script that builds it. The first that is there counts. */
const BUNDLERS: Readonly<Record<string, readonly string[]>> = {
  vite: ["dist"],
  next: [".next/static", "out"],
  "react-scripts": ["build"],
  webpack: ["dist", "build", "public/build"],
  rollup: ["dist", "build"],
  esbuild: ["dist", "build", "public"],
  parcel: ["dist"],
  rspack: ["dist"],
  rsbuild: ["dist"],
  astro: ["dist"],
}

/**
 * The folders that the bundler of a script leaves its bundle in, or null where it calls none that is known, or
 * bundles a program for Node.js.
 */
export function bundleFolders(script: string): readonly string[] | null {
  const words = script.split(/[^\w-]+/)
  const bundler = Object.keys(BUNDLERS).find((name) => words.includes(name))
  return bundler === undefined || /platform[= ]node/.test(script) ? null : (BUNDLERS[bundler] ?? null)
}

/** Weighs each frontend that a bundler builds. */
export const bundle: StageKind = {
  kind: BUNDLE,
  scope: "node",
  applies(project) {
    const bundles: Stage[] = []
    const found = scriptStages(
      project,
      BUNDLE,
      settingsOf(project.config, "bundle").script,
      SCRIPTS,
      (one) => {
        const folders = foldersOf(project, one)
        const stage = stageFor(project, one, folders ?? [])
        if (folders !== null) bundles.push(stage)
        return stage
      },
    )
    if (!found.applies || bundles.length > 0)
      return found.applies ? { applies: true, stages: bundles } : found
    const known = Object.keys(BUNDLERS).join(", ")
    return { applies: false, reason: `no script build calls a bundler for browsers (${known})` }
  },
}

/** Where a script leaves its bundle. One that slipway.yaml names is taken at its word. */
function foldersOf(project: Project, { workspace, script }: ScriptStage): readonly string[] | null {
  const { folder } = project.config.bundle
  const known = bundleFolders(workspace.scripts[script] ?? "")
  const named = settingsOf(project.config, "bundle").script !== null
  if (known === null && !named) return null
  return folder === null ? (known ?? ["dist", "build", "out"]) : [folder]
}

function stageFor(project: Project, one: ScriptStage, folders: readonly string[]): Stage {
  const made = madeBy(project, one)
  return {
    name: one.name,
    kind: BUNDLE,
    needs: made ? [made.stage] : workplaceNeeds(project, one.workspace),
    because: one.because,
    inputs: { include: one.include, exclude: [] },
    run: (given) => run(given, one, folders),
  }
}

/** The build stage that runs the same script; null where the bundle is built in another way than it. */
function madeBy(project: Project, { workspace, script }: ScriptStage): Build | null {
  const { env } = settingsOf(project.config, BUNDLE)
  if (Object.keys(env).length > 0) return null
  const same = (one: Build) => one.workspace.path === workspace.path && one.script === script
  const found = buildsOf(project).find(same)
  return found === undefined ? null : shippedBuild(project, found)
}

/** Where the sizes are written, in the container. */
const SIZES = "/slipway/sizes.json"

/** Writes the sizes of the files below the first of some folders that is there. */
const MEASURE = `
const fs = require("node:fs"), path = require("node:path"), zlib = require("node:zlib")
const folders = process.argv.slice(1)
const root = folders.find((folder) => fs.existsSync(folder))
if (!root) { console.error("the build left no " + folders.join(" or ")); process.exit(1) }
const entries = fs.readdirSync(root, { recursive: true, withFileTypes: true })
const sizes = entries.filter((entry) => entry.isFile()).map((entry) => {
  const file = path.join(entry.parentPath ?? entry.path, entry.name)
  const bytes = fs.readFileSync(file)
  return {
    name: path.relative(root, file).split(path.sep).join("/"),
    raw: bytes.length,
    gzip: zlib.gzipSync(bytes, { level: 9 }).length,
    brotli: zlib.brotliCompressSync(bytes).length,
  }
})
fs.writeFileSync("${SIZES}", JSON.stringify(sizes))
`

const sizesSchema = () =>
  z.array(z.object({ name: z.string(), raw: z.number(), gzip: z.number(), brotli: z.number() }))

async function run(given: Given, one: ScriptStage, folders: readonly string[]): Promise<StageResult> {
  const { name, workspace, script } = one
  const { timeout, env } = settingsOf(given.project.config, BUNDLE)
  const made = madeBy(given.project, one)
  const build = {
    name: "build",
    run: scriptCommand(given.project, workspace, script),
    timeout: timeout ?? TIMEOUT,
  }
  const measure = {
    name: "measure",
    run: `node -e ${quote(MEASURE)} ${folders.map(quote).join(" ")}`,
    timeout: MEASURE_TIMEOUT,
  }
  const ran = await given.command({
    container: made
      ? given.from(made.stage)
      : withEnvironment(workplace(given, workspace), { NODE_ENV: "production", ...env }),
    steps: made ? [measure] : [build, measure],
    reports: [SIZES],
  })
  const outcome = fromCommand(ran, { passed: "", findings: [], tests: [] })
  const sizes = ran.reports[SIZES]
  if (ran.failed?.name === "measure" || (ran.failed === null && sizes === undefined))
    return unmeasured(outcome, folders, given.project.config.bundle.folder !== null)
  if (ran.failed !== null || sizes === undefined) return outcome
  return judge(outcome, given, name, sizesSchema().parse(JSON.parse(sizes), { jitless: true }))
}

/** @param named whether slipway.yaml names the folder; one that was only guessed says nothing of the code. */
const unmeasured = (outcome: StageResult, folders: readonly string[], named: boolean): StageResult => ({
  ...outcome,
  ...(named ? { verdict: "errored", cause: "errored" } : { verdict: "skipped", cause: null }),
  summary: `no bundle: the build wrote no ${folders.join(" or ")}. Name its folder as \`bundle.folder\` in slipway.yaml`,
})

/** What no browser loads. */
const APART = /\.map$/

/** The outcome of a build by what it left. */
export function judge(
  outcome: StageResult,
  given: Pick<Given, "base" | "project">,
  name: string,
  files: readonly Asset[],
): StageResult {
  const assets = assetsOf(files.filter((file) => !APART.test(file.name)))
  if (assets.length === 0) return unmeasured(outcome, ["file"], true)
  const { total, measures, over } = weigh(assets, given.project.config.bundle, baseSizes(given.base, name))
  const kinds = `${bytes(total.raw)}, ${bytes(total.gzip)} gzip, ${bytes(total.brotli)} brotli`
  const table = {
    [`bundle/${name.replace(/^bundle:?/, "") || "app"}.json`]: `${JSON.stringify(assets, null, 2)}\n`,
  }
  const weighed = { ...outcome, measures, files: table }
  if (over.length === 0) return { ...weighed, summary: `${plural(assets.length, "asset")}, ${kinds}` }
  const more = over.length > 1 ? `, and ${over.length - 1} more` : ""
  const log = `${over.join("\n")}\n`
  return {
    ...weighed,
    verdict: "failed",
    cause: "budget",
    summary: `${over[0]}${more}`,
    log: { text: `${outcome.log.text.trimEnd()}\n${log}`, lines: outcome.log.lines + over.length },
  }
}

/** The sizes of the same stage in the base, by the names of measures. */
const baseSizes = (base: RunRecord | null, name: string): ReadonlyMap<string, number> =>
  new Map(
    base?.stages.find((stage) => stage.name === name)?.measures?.map((one) => [one.name, one.value]) ?? [],
  )
