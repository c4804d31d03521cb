import { commandBehind } from "../project/command-prefixes.js"
import { PRE_COMMIT } from "../project/declared/pre-commit.js"
import { baseName } from "../project/paths.js"
import type { Project, Unchecked } from "../project/project.js"
import type { Program } from "../project/scripts.js"
import { type ShellCommand, stepCommands } from "../project/shell-words.js"
import type { Stage } from "./stage.js"
import { hasStage } from "./team-scripts.js"

/** Programs of Python that check code or what is made of it; behind some, the option or word by which they do. */
const CHECKS: readonly (readonly string[])[] = `
  ruff, flake8, pylint, isort --check, isort --check-only, isort -c, black --check, mypy, dmypy, stubtest, pyright,
  basedpyright, ty check, pytype, pyre, bandit, vulture, deptry, lint-imports, pydocstyle, pydoclint, interrogate,
  docformatter --check, codespell, pip-audit, safety, check-manifest, check-wheel-contents, pyroma, twine check,
  validate-pyproject, slotscheck, sphinx-build, mkdocs build, doc8, rstcheck, mdformat --check, djlint, sqlfluff lint,
  zizmor, refurb, autoflake --check, coverage --fail-under, manage.py check, manage.py --check, alembic check,
  uv --check, poetry check, pytest --doctest-modules, pytest --doctest-glob, pytest --cov-fail-under
`
  .trim()
  .split(/,\s+/)
  .map((named) => named.split(" "))

/** `uv run --group dev python -m coverage run -m pytest -q` is pytest; `python manage.py check` is manage.py. */
function started(words: ShellCommand): Program | null {
  // `${PREFIX}mypy`, where the variable is empty or the folder of an environment.
  const plain = words.map((word) => word.replace(/^\$\{\w+\}/, ""))
  const [first = "", ...args] = commandBehind(plain)
  const name = baseName(first)
  if (name === "") return null
  const file = args.findIndex((arg) => !arg.startsWith("-"))
  return /^python[\d.]*$/.test(name) && file !== -1 ? started(args.slice(file)) : { name, args }
}

/** Returns the checks of Python that a step's commands start, those that cannot fail left out. */
export const pythonChecksIn = (run: string): readonly Program[] =>
  /\|\|\s*(?:true|:)(?:\s|$)|--exit-zero\b/.test(run)
    ? []
    : stepCommands(run)
        .flatMap((words) => started(words) ?? [])
        .filter(isCheck)

const isCheck = ({ name, args }: Program): boolean =>
  !args.some((arg) => /^(?:--version|-V|--help|-h|install|--install-types)$/.test(arg)) &&
  CHECKS.some(
    ([program, word]) =>
      program === name &&
      (word === undefined || args.some((arg) => arg === word || arg.startsWith(`${word}=`))),
  )

/** Tells whether a stage of Python runs a tool: what it stands on begins with the tool's name. */
export const isPythonDone = ({ name, args }: Program, stages: readonly Stage[]): boolean => {
  const tool = name === "ruff" && args[0] === "format" ? "ruff-format" : name
  // With that option pyright looks at what a package gives to others, in place of its code.
  return !args.includes("--verifytypes") && hasTool(tool, stages)
}

const hasTool = (tool: string, stages: readonly Stage[]): boolean =>
  stages.some(({ because }) => because.startsWith(`${tool}, `))

const isDoneAs = (name: string, stages: readonly Stage[]): boolean =>
  hasTool(name, stages) || hasStage({ name, args: [] }, stages)

const RUNS_HOOKS = /\bpre-?commit\b(?!\s+(?:install|autoupdate|clean|gc))|\bprek\b/

/** Hooks of the same tool, whose names differ from it. */
const HOOK_TOOLS: Readonly<Record<string, string>> = {
  "ruff-check": "ruff",
  "black-jupyter": "black",
}

/** Returns the hooks of pre-commit that the team's CI runs and no stage does. */
export function hooksUnchecked(projects: readonly Project[], stages: readonly Stage[]): readonly Unchecked[] {
  const jobs = projects.flatMap(({ declared }) => declared.jobs)
  const runs = jobs.find(
    ({ file, steps }) =>
      file !== PRE_COMMIT && steps.some(({ run, uses = "" }) => RUNS_HOOKS.test(`${run} ${uses}`)),
  )
  if (runs === undefined) return []
  const hooks = jobs
    .filter(({ file }) => file === PRE_COMMIT)
    .flatMap(({ steps }) => steps.flatMap(({ uses }) => uses ?? []))
    .filter((hook) => !isDoneAs(HOOK_TOOLS[hook] ?? hook, stages))
  return hooks.length === 0
    ? []
    : [
        {
          what: `the hooks ${[...new Set(hooks)].join(", ")} of ${PRE_COMMIT}, which ${runs.file} runs`,
          reason: "no stage runs them; describe them under `custom` in slipway.yaml",
        },
      ]
}
