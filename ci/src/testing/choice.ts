import type { Project, Workspace } from "../project/project.js"
import { doesNothing, programsOf } from "../project/scripts.js"
import { isRunByTeam } from "../project/suite-scripts.js"
import { runnersOf } from "./runners.js"

/** Names of scripts that run unit tests, the likeliest first. */
const USUAL = ["test:unit", "unit", "test"]

/** Names of scripts that run all tests in another way than `test`: once, with coverage. */
const WHOLE = /^(?:(?:test[:-])?(?:ci|cov|cover|coverage|all|run|once)|ci[:-]test)$/
const END_TO_END = /e2e|end-to-end|browser|playwright|cypress/

/**
 * Returns the names of scripts to look for in a package. Where the team's CI runs none of the usual ones, the one that it
 * runs instead comes first: `test:coverage`, or the only part of `test` that needs no browser. `test` comes first where it starts
 * the usual one, and other tests that no stage would run.
 */
export function unitScripts(project: Project, workspace: Workspace): readonly string[] {
  const { scripts } = workspace
  const isRun = (script: string) => isRunByTeam(project, workspace, script)
  const usual = USUAL.filter((name) => name in scripts)
  const [first = ""] = usual
  if (isRun("test") && isLess(workspace, first)) return ["test", ...USUAL]
  if (usual.length === 0 || usual.some(isRun)) return USUAL
  const whole = Object.keys(scripts).filter((name) => WHOLE.test(name) && startsTests(workspace, name))
  const parts = Object.keys(scripts).filter((name) => isPart(workspace, name) && isRun(name))
  const instead = whole.find(isRun) ?? (parts.length === 1 ? parts[0] : undefined)
  return instead === undefined ? USUAL : [instead, ...USUAL]
}

const startsTests = ({ scripts }: Workspace, script: string): boolean =>
  runnersOf(programsOf(scripts, script)).length > 0

/** The programs of a script, as one could write them. */
const textsOf = ({ scripts }: Workspace, script: string): readonly string[] =>
  programsOf(scripts, script).map(({ name, args }) => [name, ...args].join(" "))

/** Tells whether a script is a part of `test`: its programs are among those of `test`, which has others as well. */
function isPart(workspace: Workspace, script: string): boolean {
  const { scripts } = workspace
  if (END_TO_END.test(script) || !("test" in scripts) || doesNothing(scripts, script)) return false
  const all = textsOf(workspace, "test")
  const own = textsOf(workspace, script)
  return own.length < all.length && own.every((one) => all.includes(one)) && /test/.test(script)
}

/** Tests that other stages run, or that need a browser or services of their own. */
const APART =
  /integration|:int\b|e2e|end-to-end|browser|playwright|cypress|wdio|nightwatch|testcafe|karma|docker/

/** Programs that run tests without being a runner that writes reports. */
const RUNS = ["node", "tsx", "ts-node", "uvu", "lab", "jasmine"]

/** Tells whether `test` starts a script and other tests beside it. */
function isLess(workspace: Workspace, script: string): boolean {
  const { test = "" } = workspace.scripts
  const all = textsOf(workspace, "test")
  if (script === "test" || [test, ...all].some((text) => APART.test(text))) return false
  const own = textsOf(workspace, script)
  const others = programsOf(workspace.scripts, "test").filter((_, at) => !own.includes(all[at] ?? ""))
  return (
    own.length > 0 &&
    own.every((one) => all.includes(one)) &&
    others.some((one) => RUNS.includes(one.name) || runnersOf([one]).length > 0)
  )
}
