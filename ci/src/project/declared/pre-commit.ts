import { readYaml } from "../../config/yaml-position.js"
import { recordOf, recordsOf, textsOf } from "../../formats/json.js"
import type { Job, ToolVersions } from "./found.js"
import { scalar } from "./values.js"

/** The hooks that a repository runs before commits. */
export const PRE_COMMIT = ".pre-commit-config.yaml"

/** What known hooks run, by their names. */
const HOOKS: Readonly<Record<string, string>> = {
  ruff: "ruff check",
  "ruff-check": "ruff check",
  "ruff-format": "ruff format",
  black: "black",
  flake8: "flake8",
}

/**
 * Reads the hooks as a job: what they run, and in which version. Hooks that look at some files only are left out, for
 * they say nothing of the others.
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
