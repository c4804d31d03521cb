import { parseJsonc, recordOf, recordsOf } from "../formats/json.js"
import type { Tree } from "./project.js"

/** Tasks of Nx that check. */
const TASKS = ["test", "lint", "build", "typecheck"]

type Scripts = Readonly<Record<string, string>>

/** `nx test` names no project: it works in the default one alone. */
const BARE = /^(?:npx )?nx (?:run )?(?<task>[\w-]+)$/

/**
 * Returns the commands of Nx for the tasks that no script of a package runs, by the name that a script would have: many
 * workspaces of Nx have no scripts at all, or ones that run a task in the default project alone.
 *
 * @param root the scripts of the root package.
 * @param packages the scripts of the other packages.
 * @see https://nx.dev/reference/nx-json
 */
export async function nxTasks(tree: Tree, root: Scripts, packages: readonly Scripts[]): Promise<Scripts> {
  const file = "nx.json"
  if (!tree.files.includes(file)) return {}
  const candidates = TASKS.filter((task) => {
    const text = root[task]
    const isFree = text === undefined || BARE.exec(text)?.groups?.task === task
    return isFree && !packages.some((scripts) => task in scripts)
  })
  if (candidates.length === 0) return {}
  const settings = recordOf(parseJsonc(await tree.read(file)))
  const known = new Set([...targetsOfPlugins(settings), ...(await targetsOfProjects(tree))])
  return Object.fromEntries(
    candidates.filter((task) => known.has(task)).map((task) => [task, `nx run-many -t ${task}`]),
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

/** Targets that projects describe: their names in `project.json`. */
async function targetsOfProjects(tree: Tree): Promise<readonly string[]> {
  const files = tree.files.filter((file) => /(?:^|\/)project\.json$/.test(file)).slice(0, MOST)
  const texts = await Promise.all(files.map((file) => tree.read(file)))
  return texts.flatMap((text) => Object.keys(recordOf(recordOf(parseJsonc(text)).targets)))
}

/** Projects that are read: the targets of the first ones are those of all. */
const MOST = 20
