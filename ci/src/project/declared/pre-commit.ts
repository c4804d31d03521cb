import { readYaml } from "../../config/yaml-position.js"
import { recordOf, recordsOf, textsOf } from "../../formats/json.js"
import type { Job, ToolVersions } from "./found.js"
import { scalar } from "./values.js"

/** The file with the hooks of pre-commit. */
export const PRE_COMMIT = ".pre-commit-config.yaml"

/** The commands of known hooks, by their names. */
const HOOKS: Readonly<Record<string, string>> = {
  ruff: "ruff check",
  "ruff-check": "ruff check",
  "ruff-format": "ruff format",
  black: "black",
  flake8: "flake8",
}

/**
 * Reads the hooks as a job: their commands, and the versions of their tools. Leaves out hooks that check only some files:
 * they do not check the project.
 *
 * @see https://pre-commit.com/#pre-commit-configyaml---repos
 */
export function readPreCommit(text: string): readonly Job[] {
  const settings = recordOf(readYaml(text).value)
  if ("files" in settings || "exclude" in settings) return []
  const hooks = recordsOf(settings.repos).flatMap(({ rev, hooks }) =>
    recordsOf(hooks)
      .filter((hook) => !("files" in hook || "exclude" in hook || "stages" in hook))
      .map((hook) => ({ hook, rev: scalar(rev) })),
  )
  const runs = hooks.flatMap(({ hook, rev }) => {
    const command = scalar(hook.entry) ?? HOOKS[scalar(hook.id) ?? ""]
    const run = [command, ...textsOf(hook.args)].join(" ")
    return command === undefined ? [] : [{ run, tool: command.split(" ")[0] ?? "", rev }]
  })
  const tools: ToolVersions = Object.fromEntries(
    runs.flatMap(({ tool, rev }) => {
      const version = /^v?(\d+(?:\.\d+)+)$/.exec(rev ?? "")?.[1]
      return version === undefined ? [] : [[tool, [version]] as const]
    }),
  )
  const steps = runs.map(({ run }) => ({ run, env: {}, folder: "" }))
  const none = { services: [], versions: { node: [], python: [] } }
  return steps.length === 0 ? [] : [{ file: PRE_COMMIT, name: "pre-commit", steps, tools, ...none }]
}
