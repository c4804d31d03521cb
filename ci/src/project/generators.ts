import { quote } from "../run/command.js"
import type { Workspace } from "./project.js"
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

/**
 * Returns the generators that a package's scripts start, without those of one script, as command lines:
 * `prisma generate --schema=db/schema.prisma`.
 *
 * @param script a script that starts its generators itself; null for none.
 */
export function generatorsBeside({ scripts }: Workspace, script: string | null): readonly string[] {
  const started = (name: string) =>
    programsOf(scripts, name)
      .filter(generates)
      .map((one) => wordsOf(one).map(quote).join(" "))
  const own = new Set(script === null ? [] : started(script))
  return [...new Set(Object.keys(scripts).flatMap(started))].filter((command) => !own.has(command))
}
