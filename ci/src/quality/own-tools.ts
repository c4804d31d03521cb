import type { Gate } from "../config/room.js"
import { prefixOf } from "../project/paths.js"
import type { Project, Workspace } from "../project/project.js"
import { programCommand } from "../project/workplace.js"

import { type Program, type TypesCommand, typesCommand } from "./types-command.js"

/** What a tool of the project checks. */
export type Kind = "lint" | "format" | "types"

/** A tool that a project has and no script calls. */
interface OwnTool {
  /** The package that brings it. */
  readonly dependency: string
  /** The names of its configuration files. */
  readonly configuration: RegExp
  /**
   * How it is called, in the folder of its configuration; or why that cannot be told.
   *
   * @param program runs a program of the dependencies.
   * @param names the names of the files in the package's folder.
   */
  readonly run: (
    program: Program,
    workspace: Pick<Workspace, "scripts" | "dependencies">,
    names: readonly string[],
  ) => string | TypesCommand
  /** `added` where the configuration does not mean that the check must pass: editors read it too. */
  readonly gate?: Gate
}

const BIOME = { dependency: "@biomejs/biome", configuration: /^\.?biome\.jsonc?$/ }

/** First match first. */
const TOOLS: Readonly<Record<Kind, readonly OwnTool[]>> = {
  lint: [
    {
      dependency: "eslint",
      configuration: /^(?:eslint\.config\.[cm]?[jt]s|\.eslintrc(?:\.[a-z]+)?)$/,
      run: (program) => program("eslint ."),
    },
    { ...BIOME, run: (program) => program("biome lint .") },
    {
      dependency: "oxlint",
      configuration: /^(?:\.oxlintrc\.jsonc?|oxlint\.config\.ts)$/,
      run: (program) => program("oxlint ."),
    },
  ],
  format: [
    {
      dependency: "prettier",
      configuration: /^(?:\.prettierrc(?:\.[a-z0-9]+)?|prettier\.config\.[cm]?[jt]s)$/,
      run: (program) => program("prettier --check ."),
      gate: "added",
    },
    { ...BIOME, run: (program) => program("biome format .") },
  ],
  types: [
    {
      dependency: "typescript",
      configuration: /^tsconfig\.json$/,
      run: typesCommand,
      gate: "added",
    },
  ],
}

/** A tool in a package, to be run there. */
export interface Placed {
  readonly workspace: Workspace
  readonly run: string
  readonly gate?: Gate
  /** Its configuration file, as a path of the project. */
  readonly file: string
}

/** What was found without a script: tools to run, and configuration files whose tool is no dependency. */
export interface Found {
  readonly placed: readonly Placed[]
  readonly lacking: readonly string[]
}

/** The project's own tools for a kind of work, in the packages that are not `covered` by a script. */
export function ownTools(project: Project, kind: Kind, covered: readonly Workspace[]): Found {
  if (covered.includes(project.root)) return { placed: [], lacking: [] }
  const own = project.workspaces
    .filter((workspace) => !covered.includes(workspace))
    .map((workspace) => toolOf(project, workspace, kind))
  const found = own.some(({ placed }) => placed.length > 0) || covered.length > 0
  const all = found ? own : [...own, toolOf(project, project.root, kind)]
  return {
    placed: all.flatMap(({ placed }) => placed),
    lacking: all.flatMap(({ lacking }) => lacking),
  }
}

function toolOf(project: Project, workspace: Workspace, kind: Kind): Found {
  const inside = prefixOf(workspace.path)
  const names = project.files
    .filter((file) => file.startsWith(inside) && !file.slice(inside.length).includes("/"))
    .map((file) => file.slice(inside.length))
  const dependencies = [...workspace.dependencies, ...project.root.dependencies]
  const lacking: string[] = []
  for (const { dependency, configuration, run, ...tool } of TOOLS[kind]) {
    const name = names.find((one) => configuration.test(one))
    if (name === undefined) continue
    const file = `${inside}${name}`
    if (dependencies.includes(dependency)) {
      const program = (words: string) => programCommand(project, words)
      const made = run(program, { ...workspace, dependencies }, names)
      const command = typeof made === "string" ? { run: made } : made
      return "reason" in command
        ? { placed: [], lacking: [command.reason] }
        : { placed: [{ workspace, file, ...tool, ...command }], lacking: [] }
    }
    lacking.push(`${file} is there, and ${dependency} is no dependency`)
  }
  return { placed: [], lacking }
}
