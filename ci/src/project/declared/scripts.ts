import { escapeRegExp } from "../../formats/pattern.js"
import type { Project, Workspace } from "../project.js"
import type { Job } from "./found.js"

/** Tests that run by a script of a package. */
export interface TestScript {
  readonly workspace: Workspace
  readonly kind: "unit" | "integration"
  readonly script: string
}

/** Starts containers with Docker's own command line. */
const DOCKER = /\bdocker(?:\s+|-)compose\b|\bdocker\s+run\b/

/** Packages that start containers with Docker's own command line. */
const STARTERS = ["docker-compose"]

/** Returns whether the tests of a script start their services themselves, with Docker's command line. */
export const startsDocker = (workspace: Workspace, script: string): boolean =>
  DOCKER.test(commandsOf(workspace, script)) || STARTERS.some((name) => workspace.dependencies.includes(name))

/** A script with all that runs for it: before it, after it, and the scripts that it calls. */
export function commandsOf(
  { scripts }: Pick<Workspace, "scripts">,
  script: string,
  seen: readonly string[] = [],
): string {
  if (seen.includes(script) || seen.length > 8) return ""
  const own = [`pre${script}`, script, `post${script}`].flatMap((name) => scripts[name] ?? []).join("\n")
  const called = Object.keys(scripts).filter((name) => callOf(name).test(own))
  return [own, ...called.map((name) => commandsOf({ scripts }, name, [...seen, script]))].join("\n")
}

/** Matches a command line that runs a script of package.json. */
const callOf = (script: string): RegExp =>
  new RegExp(
    String.raw`\b(?:npm|pnpm|yarn|bun)\s+(?:run\s+|run-script\s+)?(?:-\S+\s+)*${escapeRegExp(script)}(?![\w:-])`,
  )

/** A job of the team's CI that runs a script, and its step that does. */
export interface Runs {
  readonly job: Job
  readonly step: Job["steps"][number]
}

/** Returns the job that runs a test script, or what calls it; one with services where there is one. Null for none. */
export function jobOf({ declared, root }: Project, { script, workspace }: TestScript): Runs | null {
  const test = script === "test" ? /\b(?:npm|pnpm|yarn|bun)\s+(?:t|tst)\b/ : null
  const call = callOf(script)
  const runs = (text: string) => call.test(text) || (test?.test(text) ?? false)
  const calls = (text: string) =>
    runs(text) ||
    [root, workspace].some((one) =>
      Object.keys(one.scripts).some((name) => callOf(name).test(text) && runs(commandsOf(one, name))),
    )
  const found = declared.jobs.flatMap((job) => {
    const step = job.steps.find(({ run }) => calls(run))
    return step ? [{ job, step }] : []
  })
  return found.find(({ job }) => job.services.length > 0) ?? found[0] ?? null
}

/** Returns the scripts of some names that a job calls before a step, or in it. */
export function calledBefore({ job, step }: Runs, names: readonly string[]): readonly string[] {
  const text = job.steps
    .slice(0, job.steps.indexOf(step) + 1)
    .map(({ run }) => run)
    .join("\n")
  return names.filter((name) => callOf(name).test(text))
}
