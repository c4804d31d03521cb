import { settingsOf } from "../config/stage-settings.js"
import { cleanLog } from "../formats/clean.js"
import { plural } from "../formats/figures.js"
import { installStage } from "../project/install.js"
import { stageName } from "../project/packages.js"
import { joinPath, prefixOf } from "../project/paths.js"
import type { Project, Python } from "../project/project.js"
import { projectStep, pythonFiles, pythonPlace } from "../project/python-install.js"
import { fromCommand } from "../run/outcome.js"
import type { Finding } from "../run/result.js"
import {
  type Given,
  type Stage,
  type StageKind,
  type StageResult,
  WORKDIR,
  withEnvironment,
} from "../run/stage.js"
import { inProject } from "./findings.js"

type Kind = "lint" | "format" | "types"

/** A tool of Python, how it is called, and whether its own version can be brought where no dependency does. */
interface PythonTool {
  readonly tool: string
  readonly run: (project: Project) => string
  /** What is installed where the tool is set up and no dependency brings it; null for one that then cannot run. */
  readonly brought: string | null
  /** True where being a dependency is enough: it is called without any configuration. */
  readonly byDependency?: true
}

const RUFF = "ruff==0.14.6"

/** First match first. A tool that is a mere dependency says nothing of what a project wants checked. */
const TOOLS: Readonly<Record<Kind, readonly PythonTool[]>> = {
  lint: [
    { tool: "ruff", run: () => "ruff check --output-format=github .", brought: RUFF },
    { tool: "flake8", run: () => "flake8 --extend-exclude .venv .", brought: null },
  ],
  format: [
    { tool: "black", run: () => "black --check --quiet --diff .", brought: null },
    { tool: "ruff-format", run: () => "ruff format --check .", brought: RUFF },
  ],
  types: [
    { tool: "mypy", run: (project) => `mypy ${codeOf(project)}`, brought: null },
    { tool: "pyright", run: () => "pyright", brought: null, byDependency: true },
  ],
}

const TIMEOUT = 600

const KINDS: readonly Kind[] = ["lint", "format", "types"]

/** The linter, formatter and type checker that a Python project has set up. */
export const pythonQuality: readonly StageKind[] = KINDS.map((kind) => ({
  kind,
  scope: "python",
  applies(project) {
    const { python } = project
    if (python === null) return { applies: false, reason: "no Python project" }
    const tool = TOOLS[kind].find((one) => isSetUp(one, python))
    return tool === undefined
      ? { applies: false, reason: `no ${TOOLS[kind].map((one) => one.tool).join(" or ")} is set up` }
      : { applies: true, stages: [stageFor(kind, tool, project, python)] }
  },
}))

const isSetUp = ({ tool, brought, byDependency }: PythonTool, { tools, dependencies }: Python): boolean =>
  (tools[tool] !== undefined || byDependency === true) && (brought !== null || dependencies.includes(tool))

function stageFor(kind: Kind, tool: PythonTool, project: Project, { tools }: Python): Stage {
  const file = tools[tool.tool]
  return {
    name: stageName(kind, project.root),
    kind,
    gate: file === undefined ? "added" : "own",
    needs: [installStage(project)],
    because: `${tool.tool}, ${file === undefined ? "a dependency" : joinPath(project.path, file)}`,
    inputs: { include: pythonFiles(project), exclude: [] },
    run: (given) => run(given, kind, tool),
  }
}

async function run(
  given: Given,
  kind: Kind,
  { tool, brought, run: command }: PythonTool,
): Promise<StageResult> {
  const { project } = given
  const { timeout, env } = settingsOf(project.config, kind)
  const seconds = timeout ?? TIMEOUT
  const own = project.python?.dependencies.includes(tool) ?? false
  const bring = { name: "tool", run: `uv pip install --quiet ${brought}`, timeout: seconds, attempts: 3 }
  const ran = await given.command({
    container: withEnvironment(pythonPlace(given), env),
    steps: [
      ...(kind === "types" ? projectStep(project) : []),
      ...(own ? [] : [bring]),
      { name: kind, run: command(project), timeout: seconds },
    ],
  })
  const findings = ran.failed ? readPython(ran.log.text, tool, project.path) : []
  return fromCommand(ran, {
    passed: "nothing found",
    failed: findings.length > 0 ? plural(findings.length, "finding") : null,
    findings,
    tests: [],
  })
}

/** What mypy is told to check, where the project's configuration does not say: its code, without its tests. */
function codeOf(project: Project): string {
  if (project.python?.tools.mypy === undefined) return "."
  const inside = prefixOf(project.path)
  const has = (folder: string) => project.files.some((file) => file.startsWith(`${inside}${folder}/`))
  return ["src", project.root.name.replaceAll("-", "_"), "app"].find(has) ?? "."
}

/** Lines by which the tools tell a finding: place, then what is wrong. */
const LINES: readonly RegExp[] = [
  // ruff: "::error title=Ruff (F401),file=/app/a.py,line=1,col=8,endLine=1,endColumn=10::a.py:1:8: F401 `os` …"
  /^::(?<level>error|warning) title=Ruff \((?<rule>[^)]*)\),file=(?<file>[^,]*),line=(?<line>\d+)[^:]*::(?:\S+:\d+:\d+: )?(?:[A-Z]+\d+ )?(?<message>.*)$/,
  // mypy: "src/a.py:3: error: Incompatible types  [assignment]"
  /^(?<file>[^\s:]+\.pyi?):(?<line>\d+)(?::\d+)?: (?<level>error|warning): (?<message>.*?)(?:\s+\[(?<rule>[\w-]+)\])?$/,
  // pyright: "  /app/a.py:3:5 - error: … (reportMissingImports)"
  /^\s*(?<file>\/[^\s:]+\.pyi?):(?<line>\d+):\d+ - (?<level>error|warning): (?<message>.*?)(?:\s+\((?<rule>\w+)\))?$/,
  // flake8: "./a.py:1:1: F401 'os' imported but unused"
  /^(?<file>[^\s:]+\.py):(?<line>\d+):\d+: (?<rule>[A-Z]+\d+) (?<message>.*)$/,
  // ruff format: "Would reformat: a.py"; black --diff: "--- a.py	2026-…"
  /^(?:Would reformat: |--- )(?<file>[^\s]+\.pyi?)/,
]

/** Returns the findings in the output of a Python tool. */
export function readPython(log: string, tool: string, folder: string): readonly Finding[] {
  return cleanLog(log)
    .split("\n")
    .flatMap((text): readonly Finding[] => {
      const found = LINES.map((line) => line.exec(text)?.groups).find((groups) => groups !== undefined)
      if (found?.file === undefined) return []
      return [
        {
          rule: found.rule ?? tool,
          severity: found.level === "warning" ? "low" : "medium",
          message: found.message ?? "is not formatted as the configuration says",
          file: inProject(found.file, WORKDIR, folder),
          line: found.line === undefined ? null : Number(found.line),
          tools: [tool],
        },
      ]
    })
}
