import { commandBehind } from "../project/command-prefixes.js"
import { packagesOf } from "../project/packages.js"
import { baseName } from "../project/paths.js"
import { isManagerName } from "../project/project.js"
import { joinedLines, type ShellCommand, shellCommands } from "../project/shell-words.js"
import type { Pipeline } from "../run/pipeline.js"
import type { Stage } from "../run/stage.js"
import { ofAction } from "./actions.js"
import { coverage, kindOfScript, ofOptions, ofProgram } from "./commands.js"
import { customOf } from "./custom.js"
import {
  DEPLOYMENT,
  left,
  NONE,
  type Outcome,
  RELEASE,
  type Setting,
  SHELL,
  scannedBy,
  stage,
} from "./outcome.js"
import type { CiStep } from "./steps.js"
import { withoutOptions } from "./words.js"

/** What a repository's CI becomes. */
export interface Takeover {
  readonly settings: readonly Setting[]
  /** The kinds of stages that do what its steps do, and fail a job there. */
  readonly covered: readonly string[]
  readonly left: readonly LeftStep[]
}

/** A step that is not taken over. */
export interface LeftStep {
  readonly place: string
  readonly why: string
}

type Plan = Pick<Pipeline, "project" | "stages" | "left">

/** Returns what becomes of the steps of a repository's CI. */
export function takeOver(steps: readonly CiStep[], plan: Plan): Takeover {
  const all = steps.map((step) => ofStep(step, plan))
  return {
    settings: all.flatMap(({ settings }) => settings),
    covered: [...new Set(all.flatMap(({ covered }) => covered))],
    left: all.flatMap((one) => one.left),
  }
}

function ofStep(step: CiStep, plan: Plan): Takeover {
  const outcomes = outcomesOf(step, plan).map((one) => inPlan(one, plan))
  const kinds = outcomes.map(({ kind }) => kind)
  const isCustom = kinds.includes("shell") && !kinds.includes("left")
  const custom = isCustom ? customOf(step, plan.project) : NONE
  const whys = [...outcomes, custom].flatMap((one) => (one.kind === "left" ? [one.why] : []))
  const settings = stagesIn([...outcomes, custom]).flatMap((one) => one.settings ?? [])
  return {
    settings: step.blocks ? settings.map((one) => ({ ...one, from: step.source })) : [],
    covered: step.blocks ? stagesIn(outcomes).map((one) => one.stage) : [],
    left: whys.length === 0 ? [] : [{ place: step.place, why: whyOf(whys) }],
  }
}

const stagesIn = (outcomes: readonly Outcome[]) =>
  outcomes.flatMap((one) => (one.kind === "stage" ? [one] : []))

/** A step that deploys does whatever else it does for that. */
const whyOf = (whys: readonly string[]): string =>
  whys.includes(DEPLOYMENT) ? DEPLOYMENT : [...new Set(whys)].join("; ")

/** A stage that the plan does not have takes nothing over, and says why it is not there. */
function inPlan(outcome: Outcome, { stages, left: without }: Plan): Outcome {
  if (outcome.kind !== "stage" || (outcome.settings ?? []).some(({ path }) => path[0] === "stages"))
    return outcome
  const kinds = ALSO[outcome.stage] ?? [outcome.stage]
  if (stages.some(({ kind }) => kinds.includes(kind))) return outcome
  const reason =
    without.find(({ kind }) => kind === outcome.stage)?.reason ?? "nothing that it looks at is here"
  return left(`the stage ${outcome.stage} is left out: ${reason}`)
}

/** Stages that do the work of another. */
const ALSO: Readonly<Record<string, readonly string[]>> = {
  build: ["build", "bundle", "image"],
  bundle: ["bundle", "build"],
  unit: ["unit", "integration"],
}

function outcomesOf(step: CiStep, plan: Plan): readonly Outcome[] {
  if (step.uses !== null) return [ofAction(step.uses, step.with)]
  const text = joinedLines(step.run.replace(/^\s*#.*$/gm, ""))
  const outcomes = shellCommands(text.replace(/\$\{\{.*?\}\}/g, "$expression")).flatMap((command) =>
    ofCommand(command, step, plan),
  )
  // What a deployment does in the shell beside its own programs belongs to it.
  return step.deploys ? outcomes.map((one) => (one.kind === "shell" ? left(DEPLOYMENT) : one)) : outcomes
}

const FLOW = /^(?:if|then|elif|else|while|until|do|!|\{|\()$/
const INSTALLS =
  /^(?:ci|i|install|add|config|cache|set|version|rebuild|dedupe|prune|link|import|self-update)$/
function ofCommand(words: ShellCommand, step: CiStep, plan: Plan): readonly Outcome[] {
  const [first = "", ...rest] = commandBehind(words)
  if (first === "") return [NONE]
  if (FLOW.test(first)) return [SHELL, ...(rest.length > 0 ? ofCommand(rest, step, plan) : [])]
  if (/^(?:for|case|select|function)$/.test(first)) return [SHELL]
  const name = baseName(first)
  if (name === "turbo")
    return withoutOptions(rest)
      .filter((word) => word !== "run" && !word.startsWith("-"))
      .flatMap((one) => ofScript(one, rest, step, plan))
  if (name === "nx") {
    const targets = /(?:-t|--targets?)[=\s]+(\S+)/.exec(rest.join(" "))?.[1] ?? ""
    return targets
      .split(",")
      .filter(Boolean)
      .flatMap((one) => ofScript(one, rest, step, plan))
  }
  return isManagerName(name) ? ofManager(name, rest, step, plan) : [ofProgram(name, rest)]
}

function ofManager(manager: string, all: readonly string[], step: CiStep, plan: Plan): readonly Outcome[] {
  const [word = "", ...args] = withoutOptions(all)
  if (word === "" || INSTALLS.test(word)) return [NONE]
  if (word === "audit") return [scannedBy("dependencies", "npm-audit", ofOptions(args.join(" ")))]
  if (["publish", "pack", "login"].includes(word)) return [left(RELEASE)]
  if (["exec", "dlx", "x"].includes(word)) return ofCommand(withoutOptions(args), step, plan)
  if (["workspaces", "workspace", "recursive"].includes(word))
    return ofManager(manager, word === "workspace" ? args.slice(1) : args, step, plan)
  // `npm run ci` is a script, `npm ci` an install.
  if (["run", "run-script"].includes(word)) return ofRun(manager, withoutOptions(args), step, plan)
  return ofRun(manager, [["t", "tst"].includes(word) ? "test" : word, ...args], step, plan)
}

function ofRun(manager: string, words: readonly string[], step: CiStep, plan: Plan): readonly Outcome[] {
  const [script = "", ...args] = words
  if (script === "") return [NONE]
  const known = packagesOf(plan.project).some(({ scripts }) => script in scripts)
  return known || manager === "npm" || manager === "bun"
    ? ofScript(script, args, step, plan)
    : ofCommand(words, step, plan)
}

/** Scripts with a stage of their own kind, if slipway.yaml names them. */
const SETTABLE = ["lint", "format", "types", "unit", "integration"]

function ofScript(script: string, args: readonly string[], step: CiStep, plan: Plan): readonly Outcome[] {
  const { stages, project } = plan
  const environments = environmentsOf(script, step)
  if (environments !== null) return [environments]
  const running = stages.find(({ because }) => runs(because, script))
  const kind = running?.kind ?? kindOfScript(script)
  const texts = packagesOf(project).flatMap(({ scripts }) => scripts[script] ?? [])
  const wanted = coverage([...args, ...texts].join(" "))
  if (
    running !== undefined ||
    (kind !== null && stages.some((one) => (ALSO[kind] ?? [kind]).includes(one.kind)))
  )
    return [stage(kind ?? "", wanted)]
  if (stages.some(({ because }) => because.includes(`after ${script}`))) return [NONE]
  if (/^(?:start|dev|preview|serve)\b/.test(script)) return [NONE]
  if (texts.length === 0) return [left(`no package.json has a script ${script}`)]
  if (kind !== null && SETTABLE.includes(kind))
    return [stage(kind, [{ path: ["stages", kind, "script"], value: script }, ...wanted])]
  if (/migrat|seed|db:/.test(script)) return [left(`no stage needs a migration before it (\`${script}\`)`)]
  return kind === null ? [SHELL] : [stage(kind)]
}

const runs = (because: Stage["because"], script: string): boolean =>
  because.includes(`the script ${script} in `)

/** `build:${{ matrix.environment }}`, or a build with NODE_ENV of a matrix, builds for each environment. */
function environmentsOf(script: string, step: CiStep): Outcome | null {
  if (!/^build(?::|$)/.test(script)) return null
  const texts = [...step.run.matchAll(/\bbuild:\$\{\{\s*matrix\.([\w-]+)|\bbuild:\$\{?(\w+)/g)].flatMap(
    ([, github, other]) => github ?? other ?? [],
  )
  const named = /matrix\.([\w-]+)|^\$\{?(\w+)\}?$/
    .exec(step.env.NODE_ENV ?? "")
    ?.slice(1)
    .find(Boolean)
  const values = [...texts, ...(named ? [named] : [])]
    .map((axis) => step.matrix[axis])
    .find((one) => one !== undefined)
  if (values === undefined || !values.every((one) => /^[A-Za-z][\w-]*$/.test(one))) return null
  return stage("build", [{ path: ["build", "environments"], value: values }])
}
