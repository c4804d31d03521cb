import * as fs from "node:fs"
import * as path from "node:path"
import { plural } from "../../ci/src/formats/figures.js"
import type { Need } from "../../ci/src/needs/need.js"
import type { Answer } from "./ask.js"

/** The file of each kind of need. */
const FILES = {
  image: "images.txt",
  registry: "registries.txt",
  package: "packages.txt",
  database: "databases.txt",
} as const satisfies Readonly<Record<Need["kind"], string>>

const KINDS = ["image", "registry", "package", "database"] as const

/** How many stages or files a line names. */
const NAMED = 4

const MANY = { image: "images", registry: "registries", package: "packages", database: "databases" } as const

/** Describes how many needs of each kind there are. */
export const counted = (needs: readonly Need[]): string =>
  KINDS.map((kind) => plural(needs.filter((need) => need.kind === kind).length, kind, MANY[kind])).join(", ")

/** Returns a line for each need, with what became of it where it was asked for. */
export function lines(answers: readonly (Pick<Answer, "need"> & Partial<Answer>)[]): readonly string[] {
  return answers.map(({ need, state, at, why }) => {
    const { kind, name, from } = need
    const users = [...need.for.slice(0, NAMED), ...(need.for.length > NAMED ? ["…"] : [])].join(", ")
    const words = [...(state === undefined ? [] : [state.padEnd(11)]), kind.padEnd(8), name]
    const where = at ?? from
    return [...words, ...(where === name ? [] : [where]), `(${users})`, ...(why ? [why] : [])].join("  ")
  })
}

/**
 * Writes a file for each kind: one need a line. Of images the reference, and the one that it is looked for by.
 *
 * @returns the paths.
 */
export function writeLists(
  folder: string,
  answers: readonly Pick<Answer, "need" | "at">[],
): readonly string[] {
  fs.mkdirSync(folder, { recursive: true })
  return KINDS.map((kind) => {
    const rows = answers
      .filter(({ need }) => need.kind === kind)
      .map(({ need, at }) => `${need.name} ${at}\n`)
    const file = path.join(folder, FILES[kind])
    fs.writeFileSync(file, rows.join(""))
    return file
  })
}
