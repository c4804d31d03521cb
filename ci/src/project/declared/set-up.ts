import { type JsonRecord, parseJsonc, recordOf, recordsOf } from "../../formats/json.js"
import { parseToml } from "../../formats/toml.js"
import { baseName } from "../paths.js"
import { versionInText } from "../version-managers.js"
import type { Step, ToolVersions } from "./found.js"
import { joined, scalar } from "./values.js"

/** An input of an action that sets a tool up. */
interface Input {
  readonly tool: string
  readonly input: string
  /** True where it names a file with the version. */
  readonly file?: true
}

/** The inputs by which most actions take a tool's version. */
const versionInputs = (tool: string): readonly Input[] => [
  { tool, input: `${tool}-version` },
  { tool, input: `${tool}-version-file`, file: true },
]

/** The inputs of actions that set tools up, by the action's name. */
const ACTIONS: Readonly<Record<string, readonly Input[]>> = {
  "actions/setup-node": versionInputs("node"),
  "actions/setup-python": versionInputs("python"),
  "oven-sh/setup-bun": versionInputs("bun"),
  "pnpm/action-setup": [{ tool: "pnpm", input: "version" }],
  "astral-sh/setup-uv": [
    { tool: "uv", input: "version" },
    { tool: "uv", input: "version-file", file: true },
    { tool: "python", input: "python-version" },
  ],
  "snok/install-poetry": [{ tool: "poetry", input: "version" }],
  "abatilo/actions-poetry": [{ tool: "poetry", input: "poetry-version" }],
  "pdm-project/setup-pdm": [{ tool: "pdm", input: "version" }, ...versionInputs("python")],
  "volta-cli/action": [
    { tool: "node", input: "node-version" },
    { tool: "yarn", input: "yarn-version" },
  ],
}

/** Returns the inputs of an action. A fork keeps the name under another owner: `acme/setup-node@v4`. */
const inputsOf = (uses: string): readonly Input[] => {
  const name = uses.replace(/@.*$/, "")
  return (
    ACTIONS[name] ??
    Object.entries(ACTIONS).find(
      ([known]) => /\/setup-(?:node|python)$/.test(known) && baseName(known) === baseName(name),
    )?.[1] ??
    []
  )
}

/**
 * Returns the versions of tools that a step sets up by an action.
 *
 * @param values all values of an input, for each run of a matrix.
 * @param files the files that workflows name, by path.
 */
export function setUpBy(
  step: JsonRecord,
  values: (text: string) => readonly string[],
  files: ReadonlyMap<string, string>,
): ToolVersions {
  const settings = recordOf(step.with)
  return joined(
    inputsOf(scalar(step.uses) ?? "").map(({ tool, input, file }) => {
      const texts = linesOf(settings[input]).flatMap(values)
      const versions = file
        ? texts.flatMap((path) => versionInFile(tool, path, files.get(path.replace(/^\.\//, "")) ?? ""))
        : texts
      return { [tool]: versions }
    }),
  )
}

/** A value, or the lines of a text: setup-python takes several. */
const linesOf = (value: unknown): readonly string[] =>
  (scalar(value) ?? "")
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean)

/** Matches a name of a file with a version in a workflow. */
export const NAMED_FILE = /\b(?:[a-z]+-)?version-file["']?:\s*["']?([^\s"'#{},$]+)/g

/** Reads the version of a tool out of a file that an action is given. */
function versionInFile(tool: string, path: string, text: string): readonly string[] {
  const name = baseName(path)
  const reader = FILES.find(([pattern]) => pattern.test(name))?.[1]
  return reader?.(tool, text, path) ?? /^\s*v?([^\s#]+)/m.exec(text)?.slice(1) ?? []
}

type Reader = (tool: string, text: string, path: string) => readonly string[]

/** Readers of the files that hold more than a version, by their names. */
const FILES: readonly (readonly [name: RegExp, reader: Reader])[] = [
  [/^package\.json$/, inManifest],
  [/^pyproject\.toml$/, (_, text) => texts([recordOf(parseToml(text)?.project)["requires-python"]])],
  [/^Pipfile$/, (_, text) => texts([recordOf(parseToml(text)?.requires).python_version])],
  [
    /^(?:\.tool-versions|.*mise.*\.toml)$/,
    (tool, text, path) => texts([versionInText(path, text, tool === "node" ? ["node", "nodejs"] : [tool])]),
  ],
]

function inManifest(tool: string, text: string): readonly string[] {
  const { volta, devEngines, engines, packageManager } = recordOf(parseJsonc(text))
  const { runtime } = recordOf(devEngines)
  const runtimes = Array.isArray(runtime) ? recordsOf(runtime) : [recordOf(runtime)]
  const own = new RegExp(`^${tool}@([^+]+)`).exec(scalar(packageManager) ?? "")?.[1]
  const wanted = runtimes.find(({ name }) => name === tool)?.version
  return texts([recordOf(volta)[tool], wanted, recordOf(engines)[tool], own]).slice(0, 1)
}

const texts = (values: readonly unknown[]): readonly string[] =>
  values.flatMap((value) => scalar(value) ?? [])

/** Tools that a shell installs in a version: `pip install poetry==1.8.2`, `corepack prepare pnpm@9.1.0`. */
const INSTALLED = [
  /\bpipx?\s+install\s[^\n;&|]*?\b(?<tool>poetry|uv|pdm|pipenv|ruff|black|flake8|mypy|pyright)==(?<version>\d[\w.]*)/g,
  /\b(?:npm\s+(?:i|install|add)|corepack\s+(?:prepare|use|install))\s[^\n;&|]*?\b(?<tool>pnpm|yarn|bun)@(?<version>\d[\w.]*)/g,
]

/** Returns the versions of tools that steps install in a shell. */
export function installedBy(steps: readonly Step[]): ToolVersions {
  const found = steps.flatMap(({ run }) => INSTALLED.flatMap((one) => [...run.matchAll(one)]))
  return joined(found.map(({ groups: { tool = "", version = "" } = {} }) => ({ [tool]: [version] })))
}
