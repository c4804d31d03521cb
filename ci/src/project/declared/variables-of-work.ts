/** The variables that the team's CI gives to scripts that are no tests: builds, linters, what belongs to an install. */
import { anyOf } from "../../formats/pattern.js"
import type { Project, Workspace } from "../project.js"
import { checkingJobs } from "./checking-jobs.js"
import { ofProject } from "./environment.js"
import type { Env, Job, Step } from "./found.js"
import { folderOfCall, jobOf } from "./scripts.js"

/** Variables, and the file that gives them. */
export interface Variables {
  readonly env: Env
  /** For `plan`; empty where there are none. */
  readonly because: readonly string[]
}

/** Returns the variables that the team's CI gives to a script of a package, where it runs it; without those of its machine. */
export function variablesOfScript(project: Project, workspace: Workspace, script: string): Variables {
  const runs = jobOf(project, { workspace, kind: "unit", script })
  return runs === null ? NONE : variablesIn(runs.job, runs.step)
}

/** Returns those that it gives to the install of a project: scripts such as `postinstall` run in it. */
export function variablesOfInstall({ declared, path }: Pick<Project, "declared" | "path">): Variables {
  const found = checkingJobs(declared).flatMap((job) => {
    const step = job.steps.find((one) => INSTALLS.test(one.run) && (folderOfCall(one) ?? path) === path)
    return step === undefined ? [] : [variablesIn(job, step)]
  })
  return found.find(({ because }) => because.length > 0) ?? NONE
}

const NONE: Variables = { env: {}, because: [] }

const INSTALLS = anyOf([
  /\b(?:npm|pnpm|yarn|bun)\s+(?:-\S+\s+)*(?:ci|i|install)(?![\w:-])/,
  /(?:^|[\n;&|]\s*)yarn\s*(?:--?\S+\s*)*(?=$|[\n;&|])/,
])

/** How output looks: a reader of a compiler's output takes it plain. */
const LOOKS = /COLORS?$|^(?:TERM|COLUMNS|COLORTERM|CLICOLOR\w*)$/
/** What a shell can read: workflows also have inputs of their actions among their variables, as `node-version`. */
const NAME = /^[A-Za-z_]\w*$/

function variablesIn({ file }: Job, step: Step): Variables {
  const named = Object.entries(ofProject(step.env)).filter(([name]) => NAME.test(name) && !LOOKS.test(name))
  const env = Object.fromEntries(named)
  return Object.keys(env).length === 0 ? NONE : { env, because: [`variables from ${file}`] }
}
