import { settingsOf } from "../config/stage-settings.js"
import { cleanLog } from "../formats/clean.js"
import { plural } from "../formats/figures.js"
import { installStage } from "../project/install.js"
import { stageName } from "../project/packages.js"
import { joinPath } from "../project/paths.js"
import type { Project } from "../project/project.js"
import { projectStep, pythonFiles, pythonPlace } from "../project/python-install.js"
import { ofManager } from "../project/python-installers.js"
import { placesOf } from "../project/python-places.js"
import type { Python } from "../project/python-project.js"
import { type CommandStep, quote } from "../run/command.js"
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
import { withoutFiles } from "./no-files.js"
import { PYTHON_TOOLS, type PythonKind, type SetUp, setUpIn } from "./python-tools.js"

const TIMEOUT = 600

const KINDS: readonly PythonKind[] = ["lint", "format", "types"]

/** The linter, formatter and type checker of a Python project; those of its workspace members if it has none itself. */
export const pythonQuality: readonly StageKind[] = KINDS.map((kind) => ({
  kind,
  scope: "python",
  applies(project) {
    const [own, ...members] = placesOf(project)
    if (own === undefined) return { applies: false, reason: "no Python project" }
    const whole = setUpIn(project, own, kind)
    const found = whole === null ? members.flatMap((one) => setUpIn(project, one, kind) ?? []) : [whole]
    const names = PYTHON_TOOLS[kind].map((one) => one.tool).join(" or ")
    return found.length === 0
      ? { applies: false, reason: `no ${names} is set up` }
      : { applies: true, stages: found.map((one) => stageFor(kind, one, project)) }
  },
}))

const stageFor = (kind: PythonKind, one: SetUp, project: Project): Stage => ({
  name: stageName(kind, one.place),
  kind,
  gate: one.file === null ? "added" : "own",
  needs: [installStage(project)],
  because: `${one.tool.tool}, ${one.file ?? "a dependency"}`,
  inputs: { include: pythonFiles(project), exclude: [] },
  run: (given) => run(given, kind, one),
})

/** Tools whose first call loads the program itself from npm. */
const FROM_NPM = ["pyright"]

/** The steps that bring a tool. */
function toolSteps(
  { tool: { tool }, brought }: SetUp,
  python: Python | null,
  timeout: number,
): readonly CommandStep[] {
  const bring = (run: string): CommandStep => ({ name: `installing ${tool}`, run, timeout, attempts: 3 })
  return [
    ...(brought === null || python === null
      ? []
      : [bring(ofManager(`uv pip install --quiet ${quote(brought)}`, python))]),
    ...(FROM_NPM.includes(tool) ? [bring(`${tool} --version`)] : []),
  ]
}

async function run(given: Given, kind: PythonKind, one: SetUp): Promise<StageResult> {
  const { project } = given
  const { tool, place, args } = one
  const { timeout, env } = settingsOf(project.config, kind)
  const seconds = timeout ?? TIMEOUT
  const bring = toolSteps(one, project.python, seconds)
  const ran = await given.command({
    container: withEnvironment(pythonPlace(given).withWorkdir(joinPath(WORKDIR, place.path)), env),
    steps: [
      ...(kind === "types" ? projectStep(project) : []),
      ...bring,
      { name: kind, run: tool.run(args, project, place), timeout: seconds },
    ],
  })
  const findings = ran.failed ? readPython(ran.log.text, tool.tool, place.path) : []
  const outcome = fromCommand(ran, {
    passed: "nothing found",
    failed: findings.length > 0 ? plural(findings.length, "finding") : null,
    findings,
    tests: [],
  })
  const lacks = bring.some(({ name }) => name === ran.failed?.name)
  return lacks
    ? {
        ...outcome,
        verdict: "errored",
        cause: "download",
        summary: `cannot install ${tool.tool}: ${outcome.summary}`,
      }
    : withoutFiles(outcome, ran, 1)
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
function readPython(log: string, tool: string, folder: string): readonly Finding[] {
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
