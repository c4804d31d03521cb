import { joinPath, pathFrom } from "../paths.js"
import type { Tree } from "../project.js"
import { ASSIGNMENT, type ShellCommand } from "../shell-words.js"
import type { Step } from "./found.js"
import { shellSteps } from "./steps.js"

/** The names under which make looks for its rules, in its order. @see https://www.gnu.org/software/make/manual/make.html#Makefile-Names */
const MAKEFILES = ["GNUmakefile", "makefile", "Makefile"]

/** A rule: its targets, what is made before it, and its command lines. */
interface Rule {
  readonly targets: readonly string[]
  readonly needs: readonly string[]
  readonly lines: readonly string[]
}

const RULE = /^(?<targets>[\w./%-][\w./% -]*?)\s*::?(?!=)(?<needs>[^;]*)(?:;(?<line>.*))?$/
const VARIABLE = /^(?:export\s+)?(?<name>[\w.-]+)\s*(?:[:?]?=|::=)\s*(?<value>.*)$/
const NESTED = 5

/**
 * Returns the command lines that a call of make runs in the end, in a folder of the repository; none for another program.
 * Variables of the Makefile that have a plain value are put in.
 */
export async function madeBy(tree: Tree, step: Step, command: ShellCommand): Promise<readonly Step[]> {
  const [first, ...args] = command
  if ((first !== "make" && first !== "gmake") || step.folder === null) return []
  const at = args.indexOf("-C")
  const folder = at === -1 ? step.folder : pathFrom(step.folder, args[at + 1] ?? "")
  const file = MAKEFILES.map((name) => joinPath(folder ?? "", name)).find((one) => tree.files.includes(one))
  if (folder === null || file === undefined) return []
  const rules = rulesOf(await tree.read(file))
  const named = args.filter(
    (arg, i) => !arg.startsWith("-") && !ASSIGNMENT.test(arg) && (at === -1 || i !== at + 1),
  )
  const goals = named.length > 0 ? named : (rules[0]?.targets.slice(0, 1) ?? [])
  const lines = goals.flatMap((goal) => linesFor(rules, goal, NESTED))
  return lines.flatMap((line) => shellSteps(line, { env: step.env, folder }))
}

function linesFor(rules: readonly Rule[], goal: string, depth: number): readonly string[] {
  const own = depth === 0 ? [] : rules.filter(({ targets }) => targets.includes(goal))
  const needs = [...new Set(own.flatMap((one) => one.needs))]
  return [...needs.flatMap((need) => linesFor(rules, need, depth - 1)), ...own.flatMap(({ lines }) => lines)]
}

const words = (text = ""): readonly string[] => text.split(/\s+/).filter(Boolean)

function rulesOf(text: string): readonly Rule[] {
  const variables = new Map<string, string>()
  const put = (line: string) =>
    line
      .replace(/\$[({]([\w.-]+)[)}]/g, (whole, name: string) => variables.get(name) ?? whole)
      .replaceAll("$$", "$")
  const rules: { targets: readonly string[]; needs: readonly string[]; lines: string[] }[] = []
  for (const line of text.replace(/\\\r?\n[\t ]*/g, " ").split(/\r?\n/)) {
    const { name, value = "" } = VARIABLE.exec(line)?.groups ?? {}
    const { targets, needs, line: beside } = RULE.exec(line)?.groups ?? {}
    if (line.startsWith("\t")) rules.at(-1)?.lines.push(put(line.replace(/^\t\s*[@+-]*/, "")))
    else if (name !== undefined) variables.set(name, put(value))
    else if (targets !== undefined && !targets.startsWith("."))
      rules.push({
        targets: words(targets),
        needs: words(put(needs ?? "").replace("|", " ")),
        lines: beside === undefined ? [] : [put(beside)],
      })
  }
  return rules
}
