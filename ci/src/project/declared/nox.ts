import { type JsonRecord, recordOf } from "../../formats/json.js"
import { escapeRegExp } from "../../formats/pattern.js"
import { parseToml } from "../../formats/toml.js"
import { commandBehind } from "../command-prefixes.js"
import { baseName, joinPath, textIn } from "../paths.js"
import type { Tree } from "../project.js"
import { type ShellCommand, stepCommands } from "../shell-words.js"
import type { Step } from "./found.js"
import { type NoxFile, type NoxSession, readNoxFile } from "./nox-file.js"
import { workOf } from "./nox-session.js"
import { environmentSteps } from "./tool-environments.js"

/** Adds what nox installs and runs after the steps that call it; those steps tell which sessions cannot be read. */
export async function withNox(tree: Tree, steps: readonly Step[]): Promise<readonly Step[]> {
  return (await Promise.all(steps.map((step) => read(tree, step)))).flat()
}

async function read(tree: Tree, step: Step): Promise<readonly Step[]> {
  const calls = stepCommands(step.run).flatMap(callOf)
  if (calls.length === 0 || step.folder === null) return [step]
  const { folder } = step
  const toml = recordOf(parseToml(await textIn(tree, joinPath(folder, "pyproject.toml"))))
  const found = await Promise.all(calls.map((call) => sessionsOf(tree, call, folder, toml)))
  const unread = found.flatMap((one) => one.unread)
  const environments = found.flatMap((one) => one.environments)
  return [unread.length === 0 ? step : { ...step, unread }, ...environmentSteps(step, environments)]
}

/** A call of nox. */
interface NoxCall {
  readonly file: string
  /** The sessions that it names, as they are written; empty where it names none. */
  readonly names: readonly string[]
  readonly tags: readonly string[]
  /** What it hands to the sessions. */
  readonly rest: readonly string[]
}

/** Options of nox that name what runs, each with all words up to the next option. */
const CHOOSES: Readonly<Record<string, "names" | "tags" | "file">> = {
  "-s": "names",
  "-e": "names",
  "--session": "names",
  "--sessions": "names",
  "-t": "tags",
  "--tags": "tags",
  "-f": "file",
  "--noxfile": "file",
}
/** Calls that run no session. */
const RUNS_NONE = /^(?:-l|--list|--list-sessions|--install-only|--version|--help|-h)$/

function callOf(command: ShellCommand): readonly NoxCall[] {
  const at = command.findIndex((word) => /^(?:nox|noxfile\.py)$/.test(baseName(word)))
  const [program = "", ...behind] = commandBehind(command)
  const isProgram = baseName(program) === "nox" || (/^python/.test(baseName(program)) && at > 0)
  if (at === -1 || !(isProgram || baseName(program) === "noxfile.py")) return []
  const words = isProgram && baseName(program) === "nox" ? behind : command.slice(at + 1)
  const end = words.includes("--") ? words.indexOf("--") : words.length
  const own = words.slice(0, end).flatMap((word) => divided(word))
  if (own.some((word) => RUNS_NONE.test(word))) return []
  const chosen: Record<"names" | "tags" | "file", string[]> = { names: [], tags: [], file: [] }
  let list: string[] = []
  for (const word of own) {
    const kind = CHOOSES[word]
    if (word.startsWith("-")) list = kind === undefined ? [] : chosen[kind]
    else list.push(word)
  }
  const { names, tags, file } = chosen
  return [{ names, tags, file: file[0] ?? "noxfile.py", rest: words.slice(end + 1) }]
}

/** `--session=tests` → `--session`, `tests` */
function divided(word: string): readonly string[] {
  const [, option = "", value = ""] = /^(-[a-z]|--[a-z]+)=?(.+)$/.exec(word) ?? []
  return option in CHOOSES && value !== "" && (word.includes("=") || !word.startsWith("--"))
    ? [option, value]
    : [word]
}

/** What a call runs, and what of it cannot be read. */
async function sessionsOf(tree: Tree, call: NoxCall, folder: string, toml: JsonRecord) {
  const file = joinPath(folder, call.file)
  if (!tree.files.includes(file)) return { environments: [], unread: [] }
  const nox = await readNoxFile(await tree.read(file), toml)
  const chosen = chosenOf(nox, call)
  const works = chosen.map((session) => ({
    session,
    ...workOf(nox, session, { rest: call.rest, folder, toml }),
  }))
  const named = (name: string) => `the session ${name} of ${file}`
  const lost = call.names.filter((name) => sessionOf(nox, name) === undefined && !isUnknown(name))
  return {
    environments: works.flatMap(({ environments }) => environments),
    unread: [
      ...works.filter(({ unread }) => unread).map(({ session }) => named(session.name)),
      ...lost.map(named),
      ...(chosen.length === 0 && lost.length === 0 ? [file] : []),
    ],
  }
}

const isUnknown = (name: string): boolean => /^[\s(]*\$/.test(name)

/** `tests-3.12(django='4.2')`, `tests-$VERSION` */
const sessionOf = ({ sessions }: NoxFile, name: string): NoxSession | undefined => {
  const plain = name.replace(/\(.*$/, "")
  return sessions.find(
    (one) => one.name === plain || new RegExp(`^${escapeRegExp(one.name)}-[\\d$.pyt{]`).test(plain),
  )
}

function chosenOf(nox: NoxFile, { names, tags }: NoxCall): readonly NoxSession[] {
  const { sessions, usual } = nox
  if (tags.length > 0) return sessions.filter((one) => one.tags.some((tag) => tags.includes(tag)))
  // A name that only the vendor knows may be any of them.
  const wanted = names.length === 0 || names.some(isUnknown) ? (usual ?? []) : names
  return [...new Set(wanted.flatMap((name) => sessionOf(nox, name) ?? []))]
}
