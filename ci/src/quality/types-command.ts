import type { Workspace } from "../project/project.js"

/** A call of the compiler in a script: `tsc -p tsconfig.build.json`, `vue-tsc -b`. */
const CALL = /(?:^|[\s/])(vue-tsc|tsc)((?:\s+[^\s&|;]+)*)/
const WATCHES = /\s(?:-w|--watch)\b/
const BUILDS = /\s(?:-b|--build)\b/
const PROJECT = /\s(?:-p|--project|-b|--build)[\s=]+([^\s-][^\s&|;]*)/

/** Tools that check or generate types in a way of their own, which no configuration of TypeScript tells. */
const OWN_WAYS = ["next", "nuxt", "astro", "svelte", "vue", "@sveltejs/kit", "@angular/core", "expo"]

/** Returns the shell command that runs a program of the dependencies, by its words. */
export type Program = (words: string) => string

/** How the types of a package are checked, or why that cannot be told. */
export type TypesCommand = { readonly run: string } | { readonly reason: string }

/**
 * Returns how a package's own scripts call the compiler, the script that builds it first; without such a script, how
 * its tsconfig.json is checked.
 *
 * @param program runs a program of the dependencies.
 * @param names the names of the files in the package's folder.
 */
export function typesCommand(
  program: Program,
  { scripts, dependencies }: Pick<Workspace, "scripts" | "dependencies">,
  names: readonly string[],
): TypesCommand {
  const build = scripts.build ?? ""
  const calls = [build, ...Object.values(scripts)].flatMap((script) => {
    const [, name, words = ""] = CALL.exec(script) ?? []
    return name === undefined || WATCHES.test(words) ? [] : [{ name, words }]
  })
  const [call] = calls
  if (call) return { run: program(words(call.name, BUILDS.test(call.words), PROJECT.exec(call.words)?.[1])) }
  if (/\bnest build\b/.test(build) && names.includes("tsconfig.build.json"))
    return { run: program(words("tsc", false, "tsconfig.build.json")) }
  const other = OWN_WAYS.find((name) => dependencies.includes(name))
  if (other !== undefined)
    return { reason: `tsconfig.json is there, and no script tells how types are checked with ${other}` }
  // A configuration that only refers to others has no files of its own to check.
  return {
    run: `if grep -q '"references"' tsconfig.json; then ${program(words("tsc", true))}; else ${program(words("tsc", false))}; fi`,
  }
}

/** The reference of a project is its folder or its file. Only `--build` has to write what other projects refer to. */
function words(name: string, builds: boolean, project?: string): string {
  const [how, option] = builds ? ["--build", ""] : ["--noEmit", "-p "]
  const where = project === undefined ? "" : ` ${option}${project}`
  return `${name} ${how}${where} --pretty false`
}
