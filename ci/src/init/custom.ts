import { anyOf } from "../formats/pattern.js"
import { nodeTag } from "../project/node-version.js"
import { hasManifest } from "../project/packages.js"
import { free } from "../project/paths.js"
import type { Project, Tool } from "../project/project.js"
import { left, NONE, type Outcome, type Setting, stage } from "./outcome.js"
import type { CiStep } from "./steps.js"

/** Matches what only bash understands: the commands of a custom stage run in sh. */
const BASH = /\[\[|\{\d+\.\.\d+\}|<<<|<\(|>\(|\bsource\s|\bpipefail\b|\bdeclare\b|\$'|=~|\bfunction\s/

/** Matches commands that can fail, and so check something. */
const CHECKS = anyOf([
  /\bexit\s+[1-9$]/,
  /\b(?:test|grep|egrep|diff|node|python3?|npm|npx|pnpm|yarn|bun)\b/,
  /(?:^|\s)\[\s/,
])

/** Matches commands that need the project's dependencies. */
const PACKAGES = /\b(?:npm|npx|pnpm|yarn|bun|bunx)\b/

const INSTALLS: Readonly<Record<Tool, string>> = {
  npm: "npm ci",
  pnpm: "pnpm install --frozen-lockfile",
  "yarn-1": "yarn install --frozen-lockfile",
  yarn: "yarn install --immutable",
  bun: "bun install --frozen-lockfile",
}

/** Returns the custom stage for a step that runs shell commands, or why it has none; nothing if the step checks nothing. */
export function customOf(step: CiStep, project: Project): Outcome {
  const { run, name, folder } = step
  if (!CHECKS.test(run)) return NONE
  if (!step.blocks) return left("its failure does not fail the job")
  if (/\$\{\{|\$\{?(?:GITHUB|RUNNER|CI)_\w+/.test(run))
    return left("it uses values that only the CI vendor knows")
  if (BASH.test(run))
    return left("it is written for bash, and a custom stage runs sh. Describe it under `custom`")
  if (folder === null) return left("only the CI vendor knows its folder")
  const key = slug(name)
  if (key === "") return left("it has no name. Describe it under `custom`")
  const env = Object.entries(step.env).filter(([, value]) => !value.includes("$"))
  const value = {
    image: imageOf(project),
    ...(folder === "" ? {} : { workdir: folder }),
    ...(env.length > 0 ? { env: Object.fromEntries(env) } : {}),
    commands: [...(PACKAGES.test(run) ? installs(project, run) : []), `set -e\n${run.trim()}\n`],
  }
  return stage("custom", [{ path: ["custom", key], value }])
}

/** What prepares a container for the project's package manager; nothing where the step installs by itself. */
function installs({ packageManager }: Project, run: string): readonly string[] {
  const { packages, tool } = packageManager
  const managers = packages.length === 0 ? [] : [`npm install --global ${packages.join(" ")}`]
  return [...managers, ...(/\b(?:ci|install)\b/.test(run) ? [] : [INSTALLS[tool]])]
}

const imageOf = (project: Project): string =>
  hasManifest(project) || project.parts.some(hasManifest)
    ? `node:${nodeTag(project.node)}`
    : "debian:bookworm-slim"

const slug = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^[^a-z]+|-+$/g, "")
    .slice(0, 40)
    .replace(/-+$/, "")

/** Adds a number to the name of a custom stage if another one with different commands has it already. */
export function customApart(settings: readonly Setting[]): readonly Setting[] {
  const names = new Map<string, string>()
  return settings.map((one) => {
    const [section, name = ""] = one.path
    if (section !== "custom") return one
    const work = JSON.stringify([name, one.value])
    const own = names.get(work) ?? free(name, new Set(names.values()))
    names.set(work, own)
    return { ...one, path: [section, own] }
  })
}
