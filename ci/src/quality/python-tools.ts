import { anyOf } from "../formats/pattern.js"
import { callsOf, type ProgramCall } from "../project/declared/calls.js"
import { teamTools } from "../project/declared/languages.js"
import { PRE_COMMIT } from "../project/declared/pre-commit.js"
import { isOrHolds, joinPath, prefixOf } from "../project/paths.js"
import type { Project } from "../project/project.js"
import type { PythonPlace } from "../project/python-places.js"
import { quote } from "../run/command.js"

/** What a tool of a Python project checks. */
export type PythonKind = "lint" | "format" | "types"

/** A tool of Python, how it is called, and whether its own version can be brought where no dependency does. */
export interface PythonTool {
  readonly tool: string
  /** A pattern of the first words of its command line in the team's CI. */
  readonly call: string
  /** @param args what stands behind the program; null for the tool's usual arguments. */
  readonly run: (args: readonly string[] | null, project: Project, place: PythonPlace) => string
  /** What is installed where the tool is set up and no dependency brings it; null for one that then cannot run. */
  readonly brought: string | null
  /** True where being a dependency is enough: it is called without any configuration. */
  readonly byDependency?: true
}

const RUFF = "ruff==0.14.6"

/** Options by which a tool repairs, or that change how it shows findings. */
const OPTIONS = anyOf([
  /^(?:-q|--quiet|--check|--diff|--(?:no-)?fix|--exit-non-zero-on-(?:fix|format))$/,
  /^--(?:show-source|show-fixes|statistics|count|output-format(?:=.*)?)$/,
])

/** Calls a program with the arguments of the team's CI, and on its folder if they name no path. */
const calling =
  (program: string): PythonTool["run"] =>
  (args, project, place) => {
    const kept = (args ?? []).filter((word) => !OPTIONS.test(word))
    return [program, ...kept.map(quote), ...(namesPath(kept, project, place) ? [] : ["."])].join(" ")
  }

/** Calls a program with the arguments of the team's CI, and nothing else. */
const asCalled =
  (program: string): PythonTool["run"] =>
  (args) =>
    [program, ...(args ?? []).map(quote)].join(" ")

/** Whether one of the arguments is a file or a folder of the project. */
function namesPath(args: readonly string[], { files }: Project, { path }: PythonPlace): boolean {
  return args.some((word) => {
    const named = word.replace(/^\.\//, "").replace(/\/$/, "")
    const place = joinPath(path, named)
    return named === "." || (named !== "" && files.some((file) => isOrHolds(place, file)))
  })
}

/** First match first. A tool that is a mere dependency says nothing of what a project wants checked. */
export const PYTHON_TOOLS: Readonly<Record<PythonKind, readonly PythonTool[]>> = {
  lint: [
    {
      tool: "ruff",
      call: "ruff(?! format)(?: check)?",
      run: calling("ruff check --output-format=github"),
      brought: RUFF,
    },
    { tool: "flake8", call: "flake8", run: calling("flake8 --extend-exclude .venv"), brought: null },
  ],
  format: [
    { tool: "black", call: "black", run: calling("black --check --quiet --diff"), brought: null },
    { tool: "ruff-format", call: "ruff format", run: calling("ruff format --check"), brought: RUFF },
  ],
  types: [
    {
      tool: "mypy",
      call: "mypy",
      run: (args, project, place) => asCalled("mypy")(args ?? [codeOf(project, place)], project, place),
      brought: null,
    },
    {
      tool: "pyright",
      call: "pyright",
      run: asCalled("pyright"),
      brought: null,
      byDependency: true,
    },
    {
      tool: "basedpyright",
      call: "basedpyright",
      run: asCalled("basedpyright"),
      brought: null,
    },
  ],
}

/** The folder that mypy checks if nothing names one: the code, without tests. */
function codeOf({ root, files }: Project, { path, tools, label }: PythonPlace): string {
  if (tools.mypy === undefined) return "."
  const inside = prefixOf(path)
  const has = (folder: string) => files.some((file) => file.startsWith(`${inside}${folder}/`))
  return ["src", ...[root.name, label].map((name) => name.replaceAll("-", "_")), "app"].find(has) ?? "."
}

/** A tool that a place has set up. */
export interface SetUp {
  readonly place: PythonPlace
  readonly tool: PythonTool
  /** The file that sets it up; null for a mere dependency. */
  readonly file: string | null
  readonly args: readonly string[] | null
  /** What is installed before it runs; null where a dependency brings it. */
  readonly brought: string | null
}

/** Returns the first tool of a kind that a place has set up, or the team's CI calls in it; null without one. */
export function setUpIn(project: Project, place: PythonPlace, kind: PythonKind): SetUp | null {
  for (const tool of PYTHON_TOOLS[kind]) {
    const call = callsOf(project, tool.call, place.path).find(
      ({ text, file }) => kind !== "format" || file === PRE_COMMIT || /\s--(?:check|diff)\b/.test(text),
    )
    const found = setUp(project, place, tool, call)
    if (found !== null) return found
  }
  return null
}

/** pre-commit shows its hooks files of Python alone; ruff by itself looks at others too. */
const PYTHON_FILES = ["--config", 'include=["*.py","*.pyi","*.pyw","*.ipynb"]']

const argumentsOf = ({ file, args }: ProgramCall, program: string): readonly string[] | null =>
  file === PRE_COMMIT && program === "ruff" ? [...(args ?? []), ...PYTHON_FILES] : args

function setUp(project: Project, place: PythonPlace, tool: PythonTool, call?: ProgramCall): SetUp | null {
  const program = tool.tool.replace(/-format$/, "")
  const own = project.python?.dependencies.includes(program) ?? false
  const file = place.tools[tool.tool] ?? null
  const [version] = teamTools(project.declared, program)
  const usual = tool.brought ?? (call ? program : null)
  // What the team's CI installs beside the dependencies is installed here.
  const brought = version ? `${program}==${version.wanted}` : usual
  if (!own && brought === null) return null
  if (file === null && call === undefined && !(tool.byDependency && own)) return null
  return {
    place,
    tool,
    file: file === null ? (call?.file ?? null) : joinPath(place.path, file),
    args: call === undefined ? null : argumentsOf(call, program),
    brought: own ? null : brought,
  }
}
