import { type CommandStep, quote } from "../run/command.js"
import type { Ran, StageResult } from "../run/stage.js"
import { unreachable, unreachableText } from "../run/unreachable.js"
import { isCopy } from "./copies.js"
import { ownerOf } from "./packages.js"
import type { Project, Workspace } from "./project.js"
import { programCommand } from "./workplace.js"

/** The file that names the generators that failed. The tool runs all the same: their code may be there already. */
export const UNMADE = "/slipway/unmade"

/** Returns the steps that run generators before a package's tool, tests or build. */
export const generating = (
  project: Project,
  workspace: Workspace,
  generators: readonly string[],
  timeout: number,
): readonly CommandStep[] =>
  generators.map((words) => ({
    name: "generate",
    run: `${isCopy(words) ? words : programCommand(ownerOf(project, workspace), words)} || echo ${quote(words)} >>${UNMADE}`,
    timeout,
  }))

/**
 * Returns `errored` for a tool that failed after a generator could not reach a host: without the generated code, its
 * findings say nothing about the project's.
 */
export function withoutGenerated(result: StageResult, { reports }: Pick<Ran, "reports">): StageResult {
  const [first] = reports[UNMADE]?.split("\n") ?? []
  const away = unreachable(result.log.text)
  if (first === undefined || away === null || result.verdict !== "failed") return result
  return {
    ...result,
    verdict: "errored",
    cause: "download",
    summary: `cannot look without the code that \`${first}\` writes: ${unreachableText(away)}`,
    findings: [],
  }
}
