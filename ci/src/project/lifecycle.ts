/** The scripts of a project's own packages that its package manager runs by itself after an install. */
import { settingsOf } from "../config/stage-settings.js"
import { hasManifest, stageName } from "./packages.js"
import type { Project, Tool, Workspace } from "./project.js"

/** The kind of the stages that run them. */
export const PREPARE = "prepare"

/** The scripts of one package. */
export interface Preparation {
  /** The stage that runs them. */
  readonly stage: string
  readonly workspace: Workspace
  /** Their names, in their order. */
  readonly scripts: readonly string[]
}

const INSTALLING = ["preinstall", "install", "postinstall"]
const PREPARING = ["preprepare", "prepare", "postprepare"]
/** npm runs it after it changed node_modules: https://docs.npmjs.com/cli/using-npm/scripts#dependencies */
const CHANGED = ["predependencies", "dependencies", "postdependencies"]

/** What each tool runs, in the root and in workspaces. */
const EVENTS: Readonly<
  Record<Tool, { readonly root: readonly string[]; readonly others: readonly string[] }>
> = {
  npm: { root: [...INSTALLING, ...CHANGED, "prepublish", ...PREPARING], others: [...INSTALLING, "prepare"] },
  pnpm: {
    root: ["pnpm:devPreinstall", ...INSTALLING, ...PREPARING],
    others: [...INSTALLING, ...PREPARING],
  },
  "yarn-1": { root: [...INSTALLING, "prepublish", "prepare"], others: INSTALLING },
  yarn: { root: INSTALLING, others: INSTALLING },
  bun: { root: [...INSTALLING, ...PREPARING], others: [...INSTALLING, ...PREPARING] },
}

/** Sets hooks of git up: for the checkout of a person. */
const HOOKS =
  /^(?:(?:npx|pnpm exec|yarn) )?(?:husky(?: install)?(?: [\w./-]+)?|simple-git-hooks|lefthook install|pre-commit install|git config (?:--\S+ )?core\.hooksPath \S+)$/
/** Does nothing, or asks where it runs. */
const NOTHING = /^(?:true|exit 0|is-ci|echo\b.*)$/

const setsHooksAlone = (command: string): boolean => {
  const parts = command.split(/&&|\|\||;/).map((part) => part.trim())
  return (
    parts.some((part) => HOOKS.test(part)) && parts.every((part) => HOOKS.test(part) || NOTHING.test(part))
  )
}

/** The preparations of a project, the root's last; none where its settings or slipway.yaml turn them off. */
export function preparationsOf(project: Project): readonly Preparation[] {
  const { root, workspaces, packageManager, config } = project
  if (!hasManifest(project) || !packageManager.ownScripts || !settingsOf(config, PREPARE).enabled) return []
  const events = EVENTS[packageManager.tool]
  return [...workspaces, root].flatMap((workspace) => {
    const scripts = (workspace === root ? events.root : events.others).filter((name) => {
      const command = workspace.scripts[name]
      return command !== undefined && !setsHooksAlone(command)
    })
    return scripts.length === 0 ? [] : [{ stage: stageName(PREPARE, workspace), workspace, scripts }]
  })
}

/** The preparations that come before another: those of the packages that it needs; before the root's, all. */
export const preparationsBefore = (project: Project, { workspace }: Preparation): readonly Preparation[] =>
  preparationsOf(project).filter(
    (other) =>
      other.workspace !== workspace &&
      (workspace === project.root ||
        (workspace.needs.includes(other.workspace.path) && !other.workspace.needs.includes(workspace.path))),
  )

/** The preparations whose files are there when a package's tools run: its own, the root's, of those that it needs. */
export const neededPreparations = (project: Project, workspace: Workspace): readonly Preparation[] =>
  preparationsOf(project).filter(
    (one) =>
      workspace.path === project.path ||
      one.workspace === project.root ||
      one.workspace.path === workspace.path ||
      workspace.needs.includes(one.workspace.path),
  )
