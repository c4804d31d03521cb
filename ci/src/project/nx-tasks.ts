import { parseJsonc, recordOf, recordsOf } from "../formats/json.js"
import type { Part } from "./manifest.js"
import { baseName } from "./paths.js"
import type { Tree } from "./project.js"

/** Tasks of Nx that check. */
const TASKS = ["test", "lint", "build", "typecheck"]

type Scripts = Readonly<Record<string, string>>

/**
 * `nx test` names no project: it works in the default one alone. Nx once wrote `nx workspace-lint && nx lint`, and has the first no
 * more.
 */
const BARE = /^(?:nx workspace-lint && )?(?:npx )?nx (?:run )?(?<task>[\w-]+)$/

/** A script that runs a task in all projects of Nx, or in those that changed. */
const IN_ALL = new RegExp(
  [
    /^(?:npx )?nx (?:run-many|affected) (?:-t |--targets?[= ])(?<task>[\w-]+)/,
    /(?: --(?:all|parallel|verbose|base|head|nxBail|skip-nx-cache)(?:=\S+)?)*$/,
  ]
    .map(({ source }) => source)
    .join(""),
)

/**
 * Returns the commands of Nx for the tasks that no script of a package runs, by the name that a script would have: many
 * workspaces of Nx have no scripts at all, or ones that run a task in the default project alone. Where some packages have
 * a script for a task, the command is for the other projects that have that task.
 *
 * @param root the scripts of the root package.
 * @see https://nx.dev/reference/nx-json
 */
export async function nxTasks(tree: Tree, root: Scripts, packages: readonly Part[]): Promise<Scripts> {
  const file = "nx.json"
  if (!tree.files.includes(file)) return {}
  const isFree = (task: string) => root[task] === undefined || BARE.exec(root[task])?.groups?.task === task
  const isInAll = (task: string) => IN_ALL.exec(root[task] ?? "")?.groups?.task === task
  const candidates = TASKS.filter((task) => isFree(task) || isInAll(task))
  if (candidates.length === 0) return {}
  const settings = recordOf(parseJsonc(await tree.read(file)))
  const projects = await describedProjects(tree, packages)
  const known = new Set([...targetsOfPlugins(settings), ...projects.flatMap(({ targets }) => targets)])
  return Object.fromEntries(
    candidates
      .filter((task) => known.has(task))
      .flatMap((task) => {
        const scripted = packages.filter(({ manifest }) => task in manifest.scripts).map(({ path }) => path)
        if (scripted.length === 0) return isFree(task) ? [[task, `nx run-many -t ${task}`]] : []
        const others = projects.filter((one) => one.targets.includes(task) && !scripted.includes(one.folder))
        const names = others.flatMap(({ name }) => name || []).join(",")
        return names === "" ? [] : [[task, `nx run-many -t ${task} -p ${names}`]]
      }),
  )
}

/** Plugins of Nx that give each project with their tool a target, by its usual name. */
const INFERRED: Readonly<Record<string, readonly string[]>> = {
  "@nx/jest/plugin": ["test"],
  "@nx/vite/plugin": ["test", "build"],
  "@nx/vitest": ["test"],
  "@nx/eslint/plugin": ["lint"],
  "@nx/webpack/plugin": ["build"],
  "@nx/next/plugin": ["build"],
  "@nx/js/typescript": ["typecheck", "build"],
}

function targetsOfPlugins({ plugins }: Readonly<Record<string, unknown>>): readonly string[] {
  const named = Array.isArray(plugins) ? plugins.filter((one) => typeof one === "string") : []
  const described = recordsOf(plugins)
  const names = [...named, ...described.map(({ plugin }) => String(plugin))]
  const options = described.flatMap((one) => Object.values(recordOf(one.options)))
  return [
    ...names.flatMap((name) => INFERRED[name] ?? []),
    ...options.flatMap((value) => (typeof value === "string" ? value : String(recordOf(value).targetName))),
  ]
}

/** A project that a `project.json` describes. */
interface Described {
  readonly name: string
  readonly folder: string
  readonly targets: readonly string[]
}

async function describedProjects(tree: Tree, packages: readonly Part[]): Promise<readonly Described[]> {
  const files = tree.files.filter((file) => /(?:^|\/)project\.json$/.test(file)).slice(0, MOST)
  return Promise.all(
    files.map(async (file) => {
      const { name, targets } = recordOf(parseJsonc(await tree.read(file)))
      const folder = file.replace(/\/?project\.json$/, "")
      const manifest = packages.find(({ path }) => path === folder)?.manifest
      const named = typeof name === "string" ? name : manifest?.name || baseName(folder)
      return { name: named, folder, targets: Object.keys(recordOf(targets)) }
    }),
  )
}

/** Projects that are read. */
const MOST = 200
