import { quote } from "../../run/command.js"
import { baseName, joinPath, pathFrom, prefixOf } from "../paths.js"
import { type ShellCommand, stepCommands } from "../shell-words.js"
import type { Step } from "./found.js"
import { plain } from "./steps.js"
import { interpolate } from "./values.js"

/** A part of a file that a shell makes: another file of the repository, or text. */
export type Part = { readonly copy: string } | { readonly text: string }

/** Files that are made beside those of the repository: path → its parts, in their order. */
export type MadeFiles = Readonly<Record<string, readonly Part[]>>

/** A file that a command writes. */
interface Write {
  readonly to: string
  readonly parts: readonly Part[]
  readonly append?: boolean
}

/** Where a command runs: its folder, its variables, and the files that are there. */
interface Place extends Pick<Step, "env"> {
  readonly folder: string
  readonly tracked: ReadonlySet<string>
  readonly made: ReadonlyMap<string, readonly Part[]>
}

/**
 * Returns the files that commands of a CI make of files of the repository or of plain text: `cp env-example .env`,
 * `touch .env`, `echo A=1 >> .env`, a here document. A value that only the machine there knows is empty, as that of a
 * secret is for a fork.
 *
 * @param files the paths of the repository.
 */
export function madeFiles(steps: readonly Step[], files: readonly string[]): MadeFiles {
  const tracked = new Set(files)
  const made = new Map<string, readonly Part[]>()
  const write = ({ to, parts, append }: Write) => {
    const before = made.get(to) ?? (tracked.has(to) ? [{ copy: to }] : [])
    made.set(to, append ? [...before, ...parts] : parts)
  }
  for (const { run, env, folder, leftOut } of withoutDocuments(steps)) {
    if (leftOut || folder === null) continue
    for (const words of stepCommands(run)) writesOf(words, { env, folder, tracked, made }).forEach(write)
  }
  return Object.fromEntries([...made].filter(([to]) => !OF_INSTALL.test(to)))
}

/** Files by which package managers find and enter registries. */
const OF_INSTALL = /(?:^|\/)\.(?:npmrc|yarnrc(?:\.yml)?|pypirc|netrc)$/

/** What a shell replaces by a command's output. */
const COMMAND = /\$\([^()]*\)|`[^`]*`/g

/** Writes of a command by its program: what it is given, and where its output goes. */
const WRITERS: Readonly<Record<string, (args: readonly string[], place: Place, out: Output) => Write[]>> = {
  cp: copies,
  mv: copies,
  ln: copies,
  touch: (args, place) =>
    args.filter(isNoOption).flatMap((path) => {
      const to = inside(place, path)
      return to === null || place.tracked.has(to) || place.made.has(to) ? [] : [{ to, parts: [] }]
    }),
  cat: (args, place, out) => {
    const parts = args.map((path) => partsOf(place, path))
    const known = parts.flatMap((one) => one ?? [])
    return parts.includes(null) ? [] : written(place, out, known)
  },
  echo: (args, place, out) => {
    const words = /^-[neE]+$/.test(args[0] ?? "") ? args.slice(1) : args
    const text = words.join(" ").replaceAll("\\n", "\n")
    const value = interpolate(
      text.replace(COMMAND, (whole) => plain(whole) ?? ""),
      place.env,
    )
    return written(place, out, [{ text: `${value}\n` }])
  },
  ":": (_, place, out) => written(place, out, []),
  "": (_, place, out) => written(place, out, []),
}

const isNoOption = (word: string): boolean => !word.startsWith("-")

/** Where a command's output goes, if into a file. */
type Output = { readonly path: string; readonly append: boolean } | null

/** `> file`, `>>file`. */
const REDIRECTED = /^(>>?)(.*)$/s

function writesOf(words: ShellCommand, place: Place): readonly Write[] {
  const all = words[0] === "sudo" ? words.slice(1) : words
  const at = all.findIndex((word) => REDIRECTED.test(word))
  const [, sign, glued = ""] = REDIRECTED.exec(all[at] ?? "") ?? []
  const behind = at + (glued === "" ? 2 : 1)
  const [program = "", ...args] = at < 0 ? all : [...all.slice(0, at), ...all.slice(behind)]
  const path = glued === "" ? all[at + 1] : glued
  const out = sign === undefined || path === undefined ? null : { path, append: sign === ">>" }
  const given = args.filter((word) => !/^\d?[<>]/.test(word))
  return WRITERS[program]?.(given, place, out) ?? []
}

function written(place: Place, out: Output, parts: readonly Part[]): Write[] {
  const to = out === null ? null : inside(place, out.path)
  return to === null || out === null ? [] : [{ to, parts, append: out.append }]
}

function copies(words: readonly string[], place: Place): Write[] {
  const args = words.filter(isNoOption)
  const target = args.at(-1) ?? ""
  const to = inside(place, target)
  if (to === null || args.length < 2) return []
  const isFolder =
    target.endsWith("/") || to === "" || [...place.tracked].some((file) => file.startsWith(prefixOf(to)))
  return args.slice(0, -1).flatMap((from) => {
    const parts = partsOf(place, from)
    return parts === null ? [] : [{ to: isFolder ? joinPath(to, baseName(from)) : to, parts }]
  })
}

/** Returns the parts of a file that is there; null without one. */
function partsOf(place: Place, path: string): readonly Part[] | null {
  const file = inside(place, path)
  if (file === null) return null
  return place.made.get(file) ?? (place.tracked.has(file) ? [{ copy: file }] : null)
}

/** Returns a path of the repository; null for one outside it, or that only the machine there knows. */
function inside({ folder }: Place, path: string): string | null {
  const bare = path.replace(/^\$\{?GITHUB_WORKSPACE\}?\//, "")
  const from = bare === path ? folder : ""
  return /^[/~]/.test(bare) || /[$`*?]/.test(bare) || bare === "" ? null : pathFrom(from, bare)
}

/** A here document's command: what it is written to, and the word that ends it. */
const DOCUMENT = /^(?<before>.*?)\s*<<-?\s*["']?(?<end>\w+)["']?(?<after>.*)$/

/** Puts the text of here documents into the command that reads them, as `echo` would write it. */
function withoutDocuments(steps: readonly Step[]): readonly Step[] {
  const at = steps.findIndex((_, i) => documentAt(steps, i) !== null)
  const document = documentAt(steps, at)
  if (document === null) return steps
  return [...steps.slice(0, at), document.step, ...withoutDocuments(steps.slice(document.last + 1))]
}

/** Returns the command of a here document that begins at a step, and where the document ends. */
function documentAt(
  steps: readonly Step[],
  at: number,
): { readonly step: Step; readonly last: number } | null {
  const step = steps[at]
  const groups = DOCUMENT.exec(step?.run ?? "")?.groups
  if (step === undefined || groups === undefined) return null
  const { before = "", end, after = "" } = groups
  const last = steps.findIndex(({ run }, i) => i > at && run.trim() === end)
  if (last < 0) return null
  const text = steps.slice(at + 1, last).map(({ run }) => run.trim())
  const run = `${before} ${after}`.replace(/\bcat\b/, () => `echo ${quote(text.join("\n"))}`)
  return { step: { ...step, run }, last }
}
