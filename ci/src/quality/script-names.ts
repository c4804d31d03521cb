import type { Workspace } from "../project/project.js"
import { type Program, programsOf, writesFiles } from "../project/scripts.js"
import { watching } from "../project/watching.js"
import type { Kind } from "./own-tools.js"

/** The names that scripts of a kind usually have, first match first. */
const NAMES: Readonly<Record<Kind, readonly string[]>> = {
  lint: ["lint", "lint:check"],
  format: ["format:check", "check:format", "prettier:check", "fmt:check", "format-check", "format"],
  types: ["type-check", "typecheck", "types", "check:types", "check-types", "tsc"],
}

const has = (args: readonly string[], pattern: RegExp) => args.some((arg) => pattern.test(arg))

/** The programs that do nothing but the work of a kind. */
const PROGRAMS: Readonly<Record<Kind, (program: Program) => boolean>> = {
  lint: ({ name, args: [first = ""] }) =>
    ["eslint", "oxlint", "standard", "xo", "tslint"].includes(name) ||
    (name === "biome" && ["lint", "check", "ci"].includes(first)),
  format: ({ name, args }) =>
    (name === "prettier" && has(args, /^(?:--check|-c|--list-different|-l)$/)) ||
    (name === "biome" && args[0] === "format") ||
    (name === "dprint" && args[0] === "check"),
  types: ({ name, args }) =>
    (["tsc", "vue-tsc"].includes(name) && has(args, /^--noEmit$/)) ||
    ["svelte-check", "tstyche", "tsd"].includes(name) ||
    (name === "astro" && args[0] === "check"),
}

/** Programs that do the work of a kind beside others that do nothing else. */
const BESIDE: Readonly<Record<Kind, readonly string[]>> = { lint: [], format: [], types: ["tsc", "tsgo"] }

/** Scripts that other stages run, or that people run at their desk. */
const APART = /(?:^|[:-])(?:fix|watch|staged|build|dev|changed)(?:$|[:-])/
const AROUND = /^(?:pre|post)/
const WATCHES = /^(?:-w|--watch)$/

/**
 * The scripts of a package that do the work of a kind: by their names, else by the programs that they call. One that
 * watches comes last.
 */
export function scriptsFor(kind: Kind, { scripts }: Pick<Workspace, "scripts">): readonly string[] {
  const usual = Object.values(NAMES).flat()
  const others = Object.keys(scripts).filter((name) => {
    if (usual.includes(name)) return false
    const isAround = AROUND.test(name) && name.replace(AROUND, "") in scripts
    if (isAround || APART.test(name) || writesFiles(scripts, name)) return false
    const programs = programsOf(scripts, name)
    const works = PROGRAMS[kind]
    return (
      programs.some(works) &&
      programs.every((one) => (works(one) || BESIDE[kind].includes(one.name)) && !has(one.args, WATCHES))
    )
  })
  const names = [...new Set([...NAMES[kind], ...others])]
  const isEndless = (name: string) => watching(programsOf(scripts, name))
  return [...names.filter((name) => !isEndless(name)), ...names.filter(isEndless)]
}
