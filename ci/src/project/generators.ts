import { quote } from "../run/command.js"
import { copiesBefore } from "./copies.js"
import { preparationsOf } from "./lifecycle.js"
import { prefixOf } from "./paths.js"
import type { Project, Workspace } from "./project.js"
import { type Program, programsOf } from "./scripts.js"

/** Commands that generate code which is not in git, by their first words. */
const GENERATORS: readonly (readonly string[])[] = [
  ["prisma", "generate"],
  ["graphql-codegen"],
  ["react-router", "typegen"],
  ["next", "typegen"],
  ["svelte-kit", "sync"],
  ["astro", "sync"],
  ["nuxt", "prepare"],
  ["nuxi", "prepare"],
  ["wrangler", "types"],
  ["panda", "codegen"],
  ["relay-compiler"],
  ["tsr", "generate"],
  ["paraglide-js", "compile"],
  ["openapi-typescript"],
]

const WATCHES = /^(?:-w|--watch)\b/

const wordsOf = ({ name, args }: Program): readonly string[] => [name, ...args]

const generates = (program: Program): boolean =>
  GENERATORS.some((words) => words.every((word, i) => wordsOf(program)[i] === word)) &&
  !program.args.some((arg) => WATCHES.test(arg))

const PRISMA = "prisma generate"

/**
 * Returns the generators that a package needs, as command lines: `prisma generate --schema=db/schema.prisma`. They are
 * those that its scripts start, but for the ones that the install or the script runs by itself.
 *
 * @param script a script that starts its generators itself; null for none.
 */
export function generatorsOf(
  project: Project,
  workspace: Workspace,
  script: string | null,
): readonly string[] {
  const { scripts } = workspace
  const started = (name: string) =>
    programsOf(scripts, name)
      .filter(generates)
      .map((one) => wordsOf(one).map(quote).join(" "))
  const prepared = preparationsOf(project)
    .filter((one) => one.workspace === workspace)
    .flatMap((one) => one.scripts)
  const done = [...prepared, ...(script === null ? [] : [script])].flatMap(started)
  const named = Object.keys(scripts).flatMap(started)
  const all = [...named, ...(named.some(isPrisma) ? [] : unasked(project, workspace))]
  return [...new Set(all)].filter((one) => !done.includes(one))
}

/** Returns the commands that put files in place as the team's CI does, and then those of {@link generatorsOf}. */
export const generatorsBeside = (
  project: Project,
  workspace: Workspace,
  script: string | null,
): readonly string[] => [
  ...copiesBefore(project, workspace, script),
  ...generatorsOf(project, workspace, script),
]

const isPrisma = (command: string): boolean => command.startsWith(PRISMA)

/** Prisma's client is written by the install of its package, if that finds the schema: not in an install of manifests alone. */
function unasked({ root, files }: Project, { path, dependencies }: Workspace): readonly string[] {
  const all = [...dependencies, ...root.dependencies]
  const has = dependencies.includes("@prisma/client") && all.includes("prisma")
  return has && files.some((file) => file.startsWith(prefixOf(path)) && file.endsWith(".prisma"))
    ? [PRISMA]
    : []
}
